/*
 * The rules that a test names: what no rule is called can never be true, or
 * never have been.
 */

#include "crm_cli_test.h"
#include "rules/crm_shape.h"


static crm_status_t named_each(crm_compile_t *cc, const json_t *list,
    const char *path, const crm_module_t *module,
    crm_status_t (*check)(crm_compile_t *cc, const char *name,
        const char *path, const crm_module_t *module));
static crm_status_t named_lock(crm_compile_t *cc, const char *name,
    const char *path, const crm_module_t *module);
static crm_status_t named_find(crm_compile_t *cc, const char *name,
    const char *path, const crm_module_t *module, const crm_map_t *names,
    const char *kind);


crm_status_t
crm_cli_test_named_rules(crm_compile_t *cc, const json_t *list,
    const char *path, const crm_module_t *module)
{
    return named_each(cc, list, path, module, crm_cli_test_named_rule);
}


crm_status_t
crm_cli_test_named_locks(crm_compile_t *cc, const json_t *list,
    const char *path, const crm_module_t *module)
{
    return named_each(cc, list, path, module, named_lock);
}


crm_str_t
crm_cli_test_named_id(const crm_module_t *module, crm_str_t name)
{
    size_t  i;

    for (i = 0; i < module->workflows_count; i++) {
        if (crm_str_eq(module->workflows[i]->name, name)) {
            return module->workflows[i]->id;
        }
    }

    return name;
}


static crm_status_t
named_each(crm_compile_t *cc, const json_t *list, const char *path,
    const crm_module_t *module, crm_status_t (*check)(crm_compile_t *cc,
        const char *name, const char *path, const crm_module_t *module))
{
    size_t         i;
    json_t        *name;
    crm_status_t   rc, one;

    rc = CRM_OK;

    json_array_foreach(list, i, name) {
        one = check(cc, json_string_value(name), crm_shape_index(cc, path, i),
                    module);
        rc = one == CRM_OK ? rc : one;
    }

    return rc;
}


crm_status_t
crm_cli_test_named_rule(crm_compile_t *cc, const char *name, const char *path,
    const crm_module_t *module)
{
    size_t     i;
    crm_map_t  names;

    if (module->escalation && crm_str_is(module->escalation->name, name)) {
        return CRM_OK;
    }

    crm_map_init(&names, cc->pool);

    for (i = 0; i < module->workflows_count; i++) {
        if (crm_map_add(&names, crm_pool_dup(cc->pool,
                                    module->workflows[i]->name)) == NULL)
        {
            return CRM_ENOMEM;
        }
    }

    return named_find(cc, name, path, module, &names, "workflow rule");
}


static crm_status_t
named_lock(crm_compile_t *cc, const char *name, const char *path,
    const crm_module_t *module)
{
    size_t     i;
    crm_map_t  names;

    crm_map_init(&names, cc->pool);

    for (i = 0; module->locking && i < module->locking->rules_count; i++) {
        if (crm_map_add(&names, crm_pool_dup(cc->pool,
                                    module->locking->rules[i].name)) == NULL)
        {
            return CRM_ENOMEM;
        }
    }

    return named_find(cc, name, path, module, &names, "locking rule");
}


static crm_status_t
named_find(crm_compile_t *cc, const char *name, const char *path,
    const crm_module_t *module, const crm_map_t *names, const char *kind)
{
    crm_str_t  what;

    if (crm_map_find(names, crm_strz(name))) {
        return CRM_OK;
    }

    what = crm_pool_printf(cc->pool, "%s of module %.*s named", kind,
                           (int) module->name.len, module->name.data);

    return what.data ? crm_shape_reference(cc, path, names, what.data,
                                           crm_strz(name))
                     : CRM_ENOMEM;
}
