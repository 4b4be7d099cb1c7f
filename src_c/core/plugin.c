/* Loading a plugin from a shared library, and the function table that reaches it. */
#include <dlfcn.h>
#include <stdio.h>

#include "core/core.h"

upreg_status upreg_plugin_load(const char *path, upreg_error *err) {
    if (!path) return ug_fail(err, UPREG_E_USAGE, "upreg_plugin_load: path must not be NULL");
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *why = dlerror();
        return ug_fail(err, UPREG_E_PLUGIN, "%s: the plugin cannot be loaded: %s", path, why ? why : "unknown reason");
    }
    const upreg_plugin *plugin = dlsym(library, "upreg_plugin_v1");
    upreg_status status =
        plugin ? upreg_plugin_register(plugin, path, err) : ug_fail(err, UPREG_E_PLUGIN, "%s: exports no data symbol 'upreg_plugin_v1'", path);
    if (status != UPREG_OK) dlclose(library); /* a registered one stays for the rest of the process */
    return status;
}

static const upreg_api api = {
    sizeof(upreg_api), UPREG_ABI,      upreg_version,     upreg_method_find, upreg_register,     upreg_reserve,     upreg_call_fail, upreg_op_create,
    upreg_op_free,     upreg_op_infer, upreg_plan_create, upreg_plan_free,   upreg_plan_outputs, upreg_plan_output, upreg_plan_run,
};

const upreg_api *upreg_get_api(void) { return &api; }
const char *upreg_version(void) { return UPREG_VERSION; }
