/* The registry: built-in methods and presets, then what plugins add.  Append-only. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

#define UG_METHOD(name) extern const upreg_method ug_method_##name;
#include "methods/methods.def"
#undef UG_METHOD

static const upreg_method *const built_in[] = {
#define UG_METHOD(name) &ug_method_##name,
#include "methods/methods.def"
#undef UG_METHOD
};

static const struct {
    const char *name, *method, *params;
    int rank;
    const char *peer, *summary;
} presets[] = {
#define UG_PRESET(name, method, params, rank, peer, summary) {name, method, params, rank, peer, summary},
#include "methods/presets.def"
#undef UG_PRESET
};

enum { MAX_METHODS = 4096 };
static upreg_method_info *infos[MAX_METHODS]; /* entries never move or change once counted */
static atomic_llong n_infos;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ---- the ports string: "x:T weight:T=param bias?:T=param -> y:T indices?:i64" ---- */

static int parse_port(const char *word, size_t length, upreg_port *port) {
    *port = (upreg_port){.role = "data"};
    const char *colon = memchr(word, ':', length), *end = word + length;
    if (!colon) return 0;
    size_t name = (size_t)(colon - word);
    while (name && (word[name - 1] == '?' || word[name - 1] == '*')) {
        if (word[name - 1] == '?') port->optional = 1;
        if (word[name - 1] == '*') port->variadic = 1;
        name--;
    }
    const char *type = colon + 1, *role = memchr(type, '=', (size_t)(end - type));
    size_t type_length = (size_t)((role ? role : end) - type), role_length = role ? (size_t)(end - role - 1) : 0;
    if (name == 0 || name >= sizeof port->name || type_length == 0 || type_length >= sizeof port->dtype || role_length >= sizeof port->role) return 0;
    memcpy(port->name, word, name);
    memcpy(port->dtype, type, type_length);
    if (role_length) memset(port->role, 0, sizeof port->role), memcpy(port->role, role + 1, role_length);
    return 1;
}

static int parse_ports(const char *text, upreg_method_info *info) {
    int outputs = 0;
    while (*text) {
        text += strspn(text, " ");
        size_t length = strcspn(text, " ");
        if (length == 0) break;
        if (length == 2 && memcmp(text, "->", 2) == 0) {
            outputs = 1;
        } else {
            int *count = outputs ? &info->n_out : &info->n_in;
            if (*count == UPREG_MAX_PORTS || !parse_port(text, length, outputs ? &info->out[*count] : &info->in[*count])) return 0;
            ++*count;
        }
        text += length;
    }
    return info->n_in > 0 && info->n_out > 0;
}

/* ---- registering ---- */

static int alias_matches(const char *aliases, const char *name) {
    size_t length = strlen(name);
    for (const char *at = aliases; at;) {
        const char *bar = strchr(at, '|');
        size_t n = bar ? (size_t)(bar - at) : strlen(at);
        if (n == length && memcmp(at, name, n) == 0) return 1;
        at = bar ? bar + 1 : NULL;
    }
    return 0;
}

static const upreg_method_info *find_locked(const char *name) {
    long long n = atomic_load(&n_infos);
    for (long long i = 0; i < n; i++)
        if (strcmp(infos[i]->name, name) == 0) return infos[i];
    for (long long i = 0; i < n; i++)
        if (!infos[i]->preset && alias_matches(infos[i]->method->aliases, name)) return infos[i];
    return NULL;
}

static upreg_status append(const upreg_method_info *info, upreg_error *err) {
    long long n = atomic_load(&n_infos);
    if (n == MAX_METHODS) return ug_fail(err, UPREG_E_PLUGIN, "%s: the registry is full (%d methods)", info->name, MAX_METHODS);
    upreg_method_info *entry = malloc(sizeof *entry);
    if (!entry) return ug_no_memory(err, sizeof *entry);
    *entry = *info;
    infos[n] = entry;
    atomic_store(&n_infos, n + 1);
    return UPREG_OK;
}

static upreg_status describe(const upreg_method *m, upreg_method_info *info, upreg_error *err) {
    const char *name = m && m->name ? m->name : "(unnamed)";
    if (!m || !m->name || !m->family || !m->summary || !m->ports || !m->infer || !m->prepare || !m->run || m->struct_size < sizeof(upreg_method) ||
        (m->n_params && !m->params) || m->n_params > 64)
        return ug_fail(
            err, UPREG_E_PLUGIN,
            "method '%s' is not complete: struct_size, name, family, summary, ports, infer, prepare and run must be set, at most 64 parameters",
            name);
    *info = (upreg_method_info){.method = m, .name = m->name, .base = m->name, .summary = m->summary};
    if (!parse_ports(m->ports, info)) return ug_fail(err, UPREG_E_PLUGIN, "%s: the ports '%s' cannot be read", name, m->ports);
    for (uint32_t i = 0; i < m->n_params; i++) {
        const upreg_param *p = &m->params[i];
        if (!p->name || !p->default_text || !p->help || (int)p->kind < UPREG_INT || p->kind > UPREG_FLOATS || p->offset >= m->params_size)
            return ug_fail(err, UPREG_E_PLUGIN, "%s: parameter %u of the table is not complete", name, i);
    }
    return UPREG_OK;
}

static void register_built_in(void) {
    upreg_method_info info;
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (describe(built_in[i], &info, NULL) == UPREG_OK) append(&info, NULL);
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        const upreg_method_info *base = find_locked(presets[i].method);
        upreg_method *named = base ? malloc(sizeof *named) : NULL; /* the method under the preset's name, so that errors tell it */
        if (!named) continue;
        *named = *base->method, named->name = presets[i].name;
        info = *base, info.method = named;
        info.name = presets[i].name, info.preset = presets[i].params, info.rank = presets[i].rank, info.peer = presets[i].peer;
        info.summary = presets[i].summary;
        append(&info, NULL);
    }
}

int64_t upreg_method_count(void) {
    pthread_once(&once, register_built_in);
    return atomic_load(&n_infos);
}

upreg_status upreg_method_at(int64_t index, upreg_method_info *info) {
    if (!info || index < 0 || index >= upreg_method_count()) return UPREG_E_USAGE;
    *info = *infos[index];
    return UPREG_OK;
}

/* ---- unknown names ---- */

static int edit_distance(const char *a, const char *b) {
    enum { MOST = 64 };
    int row[MOST + 1];
    size_t n = strlen(b);
    if (n > MOST || strlen(a) > MOST) return MOST;
    for (size_t j = 0; j <= n; j++) row[j] = (int)j;
    for (size_t i = 1; a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= n; j++) {
            int change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            int least = row[j] + 1 < row[j - 1] + 1 ? row[j] + 1 : row[j - 1] + 1;
            row[j] = least < change ? least : change;
        }
    }
    return row[n];
}

static upreg_status unknown_method(const char *name, upreg_error *err) {
    enum { SHOWN = 3 };
    const upreg_method_info *best[SHOWN] = {0};
    int distance[SHOWN] = {999, 999, 999};
    long long n = atomic_load(&n_infos);
    for (long long i = 0; i < n; i++) {
        int d = strstr(infos[i]->name, name) || strstr(name, infos[i]->name) ? 1 : edit_distance(name, infos[i]->name);
        for (int k = 0; k < SHOWN; k++)
            if (d < distance[k]) {
                for (int m = SHOWN - 1; m > k; m--) distance[m] = distance[m - 1], best[m] = best[m - 1];
                distance[k] = d, best[k] = infos[i];
                break;
            }
    }
    char near[256] = "", family[512] = "";
    size_t used = 0;
    int limit = (int)strlen(name) / 2 > 2 ? (int)strlen(name) / 2 : 2;
    for (int k = 0; k < SHOWN && best[k] && distance[k] <= limit; k++)
        used += (size_t)snprintf(near + used, sizeof near - used, "%s'%s'", k ? ", " : "; did you mean ", best[k]->name);
    if (used) {
        size_t at = (size_t)snprintf(family, sizeof family, " Family %s:", best[0]->method->family);
        for (long long i = 0; i < n && at < sizeof family - 64; i++)
            if (strcmp(infos[i]->method->family, best[0]->method->family) == 0)
                at += (size_t)snprintf(family + at, sizeof family - at, " %s", infos[i]->name);
    }
    return ug_fail(err, UPREG_E_METHOD, "unknown method '%.60s'%s%s%s (%lld names are registered)", name, near, used ? "?" : "", family, n);
}

upreg_status upreg_method_find(const char *name, upreg_method_info *info, upreg_error *err) {
    if (!name || !info) return ug_fail(err, UPREG_E_USAGE, "upreg_method_find: name and info must not be NULL");
    pthread_once(&once, register_built_in);
    const upreg_method_info *found = find_locked(name);
    if (!found) { /* nearest-exact */
        char plain[128];
        size_t i = 0;
        for (; name[i] && i + 1 < sizeof plain; i++) plain[i] = name[i] == '-' ? '_' : name[i];
        plain[i] = 0;
        found = find_locked(plain);
    }
    if (!found) return unknown_method(name, err);
    *info = *found;
    return UPREG_OK;
}

/* ---- plugins ---- */

static const char *const reserved[] = {"upreg", "torch", "tf", "onnx", "pillow", "opencv", "skimage", "scipy", "onednn"};

static upreg_status check_foreign(const upreg_method *m, const char *vendor, upreg_method_info *info, upreg_error *err) {
    UG_TRY(describe(m, info, err));
    const char *dot = strchr(m->name, '.');
    if (!dot || dot == m->name || !dot[1])
        return ug_fail(err, UPREG_E_PLUGIN, "method '%s' cannot be registered: a plugin's names are 'vendor.name'", m->name);
    size_t n = (size_t)(dot - m->name);
    if (vendor && (strlen(vendor) != n || memcmp(vendor, m->name, n) != 0))
        return ug_fail(err, UPREG_E_PLUGIN, "method '%s' cannot be registered by the vendor '%s'; allowed: '%s.…'", m->name, vendor, vendor);
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strlen(reserved[i]) == n && memcmp(reserved[i], m->name, n) == 0)
            return ug_fail(err, UPREG_E_PLUGIN, "method '%s' cannot be registered: the prefix '%s.' is reserved", m->name, reserved[i]);
    const upreg_method_info *there = find_locked(m->name);
    if (there && there->method != m) return ug_fail(err, UPREG_E_PLUGIN, "method '%s' is already registered", m->name);
    return UPREG_OK;
}

upreg_status upreg_register(const upreg_method *method, upreg_error *err) {
    pthread_once(&once, register_built_in);
    upreg_method_info info;
    pthread_mutex_lock(&lock);
    upreg_status status = check_foreign(method, NULL, &info, err);
    if (status == UPREG_OK && !find_locked(method->name)) status = append(&info, err);
    pthread_mutex_unlock(&lock);
    return status;
}

upreg_status upreg_plugin_register(const upreg_plugin *plugin, const char *origin, upreg_error *err) {
    pthread_once(&once, register_built_in);
    if (!origin) origin = "(memory)";
    if (!plugin || plugin->magic != UPREG_MAGIC) return ug_fail(err, UPREG_E_PLUGIN, "%s: not an upreg plugin (wrong magic number)", origin);
    if (plugin->abi != UPREG_ABI)
        return ug_fail(err, UPREG_E_PLUGIN, "%s: made for upreg ABI %u, this is ABI %u; rebuild the plugin", origin, plugin->abi, UPREG_ABI);
    if (plugin->struct_size < sizeof *plugin || !plugin->vendor || (plugin->n_methods && !plugin->methods))
        return ug_fail(err, UPREG_E_PLUGIN, "%s: the plugin's description is not complete", origin);
    if (plugin->init) UG_TRY(plugin->init(upreg_get_api(), err));
    upreg_status status = UPREG_OK;
    upreg_method_info info;
    upreg_error why;
    pthread_mutex_lock(&lock);
    for (uint32_t i = 0; i < plugin->n_methods && status == UPREG_OK; i++) status = check_foreign(plugin->methods[i], plugin->vendor, &info, &why);
    if (atomic_load(&n_infos) + plugin->n_methods > MAX_METHODS) status = ug_fail(&why, UPREG_E_PLUGIN, "the registry is full");
    for (uint32_t i = 0; i < plugin->n_methods && status == UPREG_OK; i++) {
        describe(plugin->methods[i], &info, NULL);
        if (!find_locked(info.name)) status = append(&info, &why);
    }
    pthread_mutex_unlock(&lock);
    return status == UPREG_OK ? status : ug_fail(err, status, "%s: %s; none of its methods was registered", origin, why.text);
}
