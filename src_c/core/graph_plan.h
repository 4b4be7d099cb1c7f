/* A planned graph, as the files that make, lay out and run it see it. */
#ifndef UG_GRAPH_PLAN_H
#define UG_GRAPH_PLAN_H

#include "core/known.h"

typedef enum ug_place { NOWHERE, GRAPH_INPUT, CONSTANT, ARENA, OUTPUT, SAME } ug_place;

/* Where a value's numbers are during a run. */
typedef struct ug_storage {
    ug_place place;
    int index;      /* GRAPH_INPUT: which; OUTPUT: which result; SAME: the value whose storage it shares; ARENA: which block */
    size_t offset;  /* ARENA */
    int last_use;   /* the last group of steps that reads it */
    int handed_out; /* an output or kept */
} ug_storage;

typedef struct ug_step {
    int node, last; /* the node that computes, and the last node of its fused chain */
    upreg_plan *plan;
    upreg_epilogue epilogue;
    int has_epilogue, residual; /* value, or -1 */
    void *affine;               /* scale, then shift */
} ug_step;

struct upreg_graph_plan {
    const upreg_graph *graph;
    ug_known *known;
    const upreg_spec *specs; /* known's */
    ug_storage *storage;
    ug_step *steps;
    int n_steps;
    int *group, n_groups;    /* steps [group[i], group[i + 1]) do not read one another: they may run at the same time */
    int *fused_into;         /* per node: node, or -1 */
    int *results, n_results; /* outputs, then kept values */
    size_t arena;
    int64_t macs;
};

/* The value that holds the numbers of `value`. */
static inline int ug_root_of(const upreg_graph_plan *p, int value) {
    while (p->storage[value].place == SAME) value = p->storage[value].index;
    return value;
}
/* What a step costs, in multiply-adds. */
static inline int64_t ug_step_cost(const ug_step *s) { return s->plan->macs + s->plan->bytes / 16 + 1; }

/* Orders the steps, finds those that may run at the same time, and gives every intermediate value its place in the arena. */
upreg_status ug_graph_lay_out(upreg_graph_plan *p, upreg_error *err);

#endif
