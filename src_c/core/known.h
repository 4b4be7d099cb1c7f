/* What is known about a graph before it runs: shapes, constants, computed parameters, chosen branches. */
#ifndef UG_KNOWN_H
#define UG_KNOWN_H

#include "core/graph.h"

typedef struct ug_known {
    const upreg_graph *graph;
    upreg_plan_options how;
    upreg_spec *specs;        /* per value; type UPREG_NONE where it is absent or could not be found */
    upreg_op **ops;           /* per node: the op with its computed parameters filled in; NULL: passes its first input on, or could not be made */
    int *same;                /* per value: the value that a known condition chose for it, or -1 */
    void **folded;            /* per value: numbers computed before the run */
    unsigned char *is_folded; /* per node */
    char **failure;           /* per node: why its shapes could not be found, NULL where they could */
    upreg_status *status;     /* per node */
    size_t bytes, max_bytes;  /* of folded values, and how many are allowed (0: any) */
} ug_known;

/* Finds shapes node by node, computing what parameters and conditions are made of.  A node whose shapes cannot be found is no error yet: a
 * branch that is not taken need not fit. */
upreg_status ug_known_create(const upreg_graph *g, const upreg_spec *in, int n_in, const upreg_plan_options *how, size_t max_bytes, ug_known **known,
                             upreg_error *err);
void ug_known_free(ug_known *k);

/* Marks the nodes that `values` need; those that are computed already need nothing more. */
void ug_known_need(const ug_known *k, const int *values, int n, unsigned char *needed);
/* The failure of the first marked node that has one. */
upreg_status ug_known_check(const ug_known *k, const unsigned char *needed, upreg_error *err);

/* A value's numbers when they are known, else NULL. */
const upreg_tensor *ug_known_constant(const ug_known *k, int value, ug_box *box);
/* Whether all that a node reads is known. */
int ug_known_is_constant(const ug_known *k, int node);
/* Computes such a node. */
upreg_status ug_known_fold(ug_known *k, int node, upreg_error *err);
/* Plans one node with its known inputs bound. */
upreg_status ug_known_plan(const ug_known *k, int node, upreg_plan **plan, upreg_error *err);

/* Bytes of a dense tensor; SIZE_MAX / 2 when they cannot be counted. */
size_t ug_spec_bytes(const upreg_spec *spec);

#endif
