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

/* The lowest offset at which `bytes` fit beside everything that is alive from group `first` on. */
static size_t find_offset(const upreg_graph_plan *p, const int *made, size_t bytes, int first) {
    size_t offset = 0;
    for (int again = 1; again;) {
        again = 0;
        for (int v = 0; v < p->graph->n_values; v++) {
            const ug_storage *other = &p->storage[v];
            if (other->place != ARENA || made[v] < 0 || other->last_use < first) continue;
            size_t size = (ug_spec_bytes(&p->specs[v]) + 63) / 64 * 64;
            if (offset < other->offset + size && other->offset < offset + bytes) offset = other->offset + size, again = 1;
        }
    }
    return offset;
}

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

/* The results of one step, made in group `at`. */
static void place_results(upreg_graph_plan *p, int *made, const ug_step *step, int at) {
    const ug_node *last = &p->graph->nodes[step->last];
    for (int k = 0; k < last->n_out; k++) {
        int v = last->out[k];
        ug_storage *s = &p->storage[v];
        size_t bytes = (ug_spec_bytes(&p->specs[v]) + 63) / 64 * 64;
        if (s->place != NOWHERE || bytes == 0) continue;
        int from = takes_over(p, step, at, v);
        if (s->last_use < at) s->last_use = at;
        s->place = ARENA, s->offset = from >= 0 ? p->storage[from].offset : find_offset(p, made, bytes, at);
        if (from >= 0) p->storage[from].last_use = at - 1;
        made[v] = at;
        if (s->offset + bytes > p->arena) p->arena = s->offset + bytes;
    }
}

static void place_values(upreg_graph_plan *p, int *made) {
    p->arena = 0;
    for (int v = 0; v < p->graph->n_values; v++) {
        made[v] = p->storage[v].last_use = -1;
        if (p->storage[v].place == ARENA) p->storage[v].place = NOWHERE;
    }
    note_uses(p);
    for (int g = 0; g < p->n_groups; g++)
        for (int i = p->group[g]; i < p->group[g + 1]; i++) place_results(p, made, &p->steps[i], g);
}

upreg_status ug_graph_lay_out(upreg_graph_plan *p, upreg_error *err) {
    size_t steps = (size_t)p->n_steps + 1, values = (size_t)p->graph->n_values + 1;
    place_in_order *order = malloc(steps * sizeof *order);
    ug_step *sorted = malloc(steps * sizeof *sorted);
    int *numbers = calloc(values, sizeof *numbers);
    p->group = malloc(steps * sizeof *p->group);
    if (!order || !sorted || !numbers || !p->group) {
        free(order), free(sorted), free(numbers);
        return ug_no_memory(err, steps * sizeof *sorted);
    }
    one_by_one(p);
    place_values(p, numbers);
    size_t one_by_one_bytes = p->arena;
    memset(numbers, 0, values * sizeof *numbers);
    find_levels(p, order, numbers);
    if (side_by_side(p, order, sorted)) {
        ug_step *before = p->steps;
        p->steps = sorted;
        place_values(p, numbers);
        if (p->arena > one_by_one_bytes + one_by_one_bytes / 8) { /* memory is dearer than what this saves */
            p->steps = before, one_by_one(p);
            place_values(p, numbers);
        } else {
            sorted = before;
        }
    } else {
        one_by_one(p);
    }
    free(order), free(sorted), free(numbers);
    return UPREG_OK;
}
