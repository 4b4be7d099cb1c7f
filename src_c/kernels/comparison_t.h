/* The comparisons of one type: F names it, S is the number.  The last of the files about a type. */
LOOP_OF_NUMBERS(equal, uint8_t, a == b)
LOOP_OF_NUMBERS(less, uint8_t, a < b)
LOOP_OF_NUMBERS(greater, uint8_t, a > b)
LOOP_OF_NUMBERS(less_equal, uint8_t, a <= b)
LOOP_OF_NUMBERS(greater_equal, uint8_t, a >= b)

#undef F
#undef S
