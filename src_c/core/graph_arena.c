/* The order of a graph plan's steps, and where its intermediate values lie: one arena whose memory is used again. */
#include <stdlib.h>
#include <string.h>

#include "core/graph_plan.h"

/* Steps below this many multiply-adds do not gain from threads of their own: side by side they do. */
#if defined(UPREG_TINY_BLOCKS)
enum { SMALL_STEP = 1 << 30 };
#else
enum { SMALL_STEP = 1 << 21 };
#endif

/* ---- order ---- */

typedef struct place_in_order {
    int level, small, index; /* level: the longest chain of steps before it */
} place_in_order;

static int by_level(const void *a, const void *b) {
    const place_in_order *x = a, *y = b;
    if (x->level != y->level) return x->level < y->level ? -1 : 1;
    if (x->small != y->small) return x->small ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int level_after(const upreg_graph_plan *p, const int *level_of_value, int value) {
    return value < 0 ? 0 : level_of_value[ug_root_of(p, value)];
}

/* Finds every step's level; level_of_value: of the steps that may read the value, at least. */
static void find_levels(const upreg_graph_plan *p, place_in_order *order, int *level_of_value) {
    for (int i = 0; i < p->n_steps; i++) {
        const ug_step *s = &p->steps[i];
        const ug_node *node = &p->graph->nodes[s->node], *last = &p->graph->nodes[s->last];
        int level = level_after(p, level_of_value, s->residual);
        for (int k = 0; k < node->n_in; k++) {
            int after = level_after(p, level_of_value, node->in[k]);
            if (after > level) level = after;
        }
        for (int k = 0; k < last->n_out; k++) level_of_value[last->out[k]] = level + 1;
        order[i] = (place_in_order){level, ug_step_cost(s) < SMALL_STEP, i};
    }
}

/* One group per step. */
static void one_by_one(upreg_graph_plan *p) {
    p->n_groups = p->n_steps;
    for (int i = 0; i <= p->n_steps; i++) p->group[i] = i;
}

/* Small steps of one level as one group; false where there are none. */
static int side_by_side(upreg_graph_plan *p, place_in_order *order, ug_step *sorted) {
    qsort(order, (size_t)p->n_steps, sizeof *order, by_level);
    p->n_groups = 0;
    for (int i = 0; i < p->n_steps; i++) {
        int joins = i > 0 && order[i].small && order[i - 1].small && order[i].level == order[i - 1].level;
        if (!joins) p->group[p->n_groups++] = i;
        sorted[i] = p->steps[order[i].index];
    }
    p->group[p->n_groups] = p->n_steps;
    return p->n_groups < p->n_steps;
}

/* ---- the arena ---- */

static void note_use(upreg_graph_plan *p, int value, int at) {
    if (value < 0) return;
    value = ug_root_of(p, value);
    if (p->storage[value].last_use < at) p->storage[value].last_use = at;
}

static void note_uses(upreg_graph_plan *p) {
    for (int g = 0; g < p->n_groups; g++)
        for (int i = p->group[g]; i < p->group[g + 1]; i++) {
            const ug_step *s = &p->steps[i];
            for (int k = 0; k < p->graph->nodes[s->node].n_in; k++) note_use(p, p->graph->nodes[s->node].in[k], g);
            note_use(p, s->residual, g);
        }
}

/* Memory of one value, or of several that take it over one from another: alive from group `begin` to group `end`. */
typedef struct block {
    int begin, end, number;
    size_t bytes, offset;
} block;

/* An elementwise node may write over its input when nobody reads that again, or at the same time. */
static int takes_over(const upreg_graph_plan *p, const ug_step *s, int at, int value) {
    const ug_node *node = &p->graph->nodes[s->node];
    if (p->group[at + 1] - p->group[at] != 1) return -1;
    if (!(p->known->ops[s->node]->info.method->flags & UPREG_IN_PLACE) || s->last != s->node || node->in[0] < 0) return -1;
    int from = ug_root_of(p, node->in[0]);
    if (p->storage[from].place != ARENA || p->storage[from].last_use != at || ug_spec_bytes(&p->specs[from]) != ug_spec_bytes(&p->specs[value]))
        return -1;
    for (int i = 1; i < node->n_in; i++)
        if (node->in[i] >= 0 && ug_root_of(p, node->in[i]) == from) return -1;
    return from;
}

/* The blocks of all results, in the order in which they are made; a value's index says which is its own. */
static int find_blocks(upreg_graph_plan *p, block *blocks) {
    int n = 0;
    for (int at = 0; at < p->n_groups; at++)
        for (int i = p->group[at]; i < p->group[at + 1]; i++) {
            const ug_node *last = &p->graph->nodes[p->steps[i].last];
            for (int k = 0; k < last->n_out; k++) {
                int v = last->out[k];
                ug_storage *s = &p->storage[v];
                size_t bytes = (ug_spec_bytes(&p->specs[v]) + 63) / 64 * 64;
                if (s->place != NOWHERE || bytes == 0) continue;
                int from = takes_over(p, &p->steps[i], at, v);
                if (s->last_use < at) s->last_use = at;
                s->place = ARENA, s->index = from >= 0 ? p->storage[from].index : n;
                if (from < 0) blocks[n] = (block){.begin = at, .number = n, .bytes = bytes}, n++;
                blocks[s->index].end = s->last_use;
            }
        }
    return n;
}

static int by_number(const void *a, const void *b) { return ((const block *)a)->number < ((const block *)b)->number ? -1 : 1; }
static int by_size(const void *a, const void *b) {
    const block *x = a, *y = b;
    return x->bytes != y->bytes ? (x->bytes > y->bytes ? -1 : 1) : by_number(a, b);
}

/* Each of the blocks in turn goes to the lowest offset at which nothing lies that is alive at the same time.  Returns the bytes of all. */
static size_t place_blocks(block *blocks, int n) {
    size_t all = 0;
    for (int i = 0; i < n; i++) {
        block *b = &blocks[i];
        b->offset = 0;
        for (int again = 1; again;) {
            again = 0;
            for (int k = 0; k < i; k++) {
                const block *other = &blocks[k];
                if (other->end < b->begin || other->begin > b->end) continue;
                if (b->offset < other->offset + other->bytes && other->offset < b->offset + b->bytes)
                    b->offset = other->offset + other->bytes, again = 1;
            }
        }
        if (b->offset + b->bytes > all) all = b->offset + b->bytes;
    }
    return all;
}

/* In the order in which they are made, or the largest first, whichever takes less. */
static void place_values(upreg_graph_plan *p, block *blocks) {
    for (int v = 0; v < p->graph->n_values; v++) {
        p->storage[v].last_use = -1;
        if (p->storage[v].place == ARENA) p->storage[v].place = NOWHERE;
    }
    note_uses(p);
    int n = find_blocks(p, blocks);
    size_t in_order = place_blocks(blocks, n);
    qsort(blocks, (size_t)n, sizeof *blocks, by_size);
    p->arena = place_blocks(blocks, n);
    qsort(blocks, (size_t)n, sizeof *blocks, by_number);
    if (in_order <= p->arena) p->arena = place_blocks(blocks, n);
    for (int v = 0; v < p->graph->n_values; v++)
        if (p->storage[v].place == ARENA) p->storage[v].offset = blocks[p->storage[v].index].offset;
}

upreg_status ug_graph_lay_out(upreg_graph_plan *p, upreg_error *err) {
    size_t steps = (size_t)p->n_steps + 1, values = (size_t)p->graph->n_values + 1;
    place_in_order *order = malloc(steps * sizeof *order);
    ug_step *sorted = malloc(steps * sizeof *sorted);
    int *levels = calloc(values, sizeof *levels);
    block *blocks = malloc(values * sizeof *blocks);
    p->group = malloc(steps * sizeof *p->group);
    if (!order || !sorted || !levels || !blocks || !p->group) {
        free(order), free(sorted), free(levels), free(blocks);
        return ug_no_memory(err, steps * sizeof *sorted);
    }
    one_by_one(p);
    place_values(p, blocks);
    size_t one_by_one_bytes = p->arena;
    find_levels(p, order, levels);
    if (side_by_side(p, order, sorted)) {
        ug_step *before = p->steps;
        p->steps = sorted;
        place_values(p, blocks);
        if (p->arena > one_by_one_bytes + one_by_one_bytes / 8) { /* memory is dearer than what this saves */
            p->steps = before, one_by_one(p);
            place_values(p, blocks);
        } else {
            sorted = before;
        }
    } else {
        one_by_one(p);
    }
    free(order), free(sorted), free(levels), free(blocks);
    return UPREG_OK;
}
