/* Graphs: a list of nodes in an order in which they can run, over numbered values. */
#ifndef UG_GRAPH_H
#define UG_GRAPH_H

#include "core/core.h"

typedef struct ug_value {
    char *name;
    int producer, output; /* the node that makes it and which of its outputs; -1: an input or a constant */
    int input;            /* position among the graph's inputs, or -1 */
    int constant;
    ug_box box;      /* of a constant */
    upreg_spec spec; /* of a constant */
    void *owned;     /* a constant's memory when it is the graph's */
} ug_value;

typedef struct ug_node {
    upreg_op *op; /* NULL: passes its first input on */
    char *name;
    int *in, n_in;
    int computed[UG_MAX_COMPUTED], n_computed; /* values that parameters written `?` take their numbers from, in table order */
    int out[UPREG_MAX_PORTS], n_out;
} ug_node;

struct upreg_graph {
    ug_value *values;
    ug_node *nodes;
    int n_values, n_nodes, room_values, room_nodes;
    int *inputs, n_inputs;
    int *outputs, n_outputs;
    char **output_names;
};

upreg_status ug_graph_value(upreg_graph *g, const char *name, int *value, upreg_error *err);
/* Appends a node without checking its inputs. */
upreg_status ug_graph_node(upreg_graph *g, const upreg_op *op, const char *name, const int *in, int n_in, int n_out, const char *const *out_names,
                           int *values, upreg_error *err);
#endif
