/*
 * Calls: of the script's own functions, of built-in ones, of tasks that the
 * host does.
 */

#include "crm_deluge_run.h"


static crm_status_t call_args(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, const crm_deluge_node_t *receiver,
    crm_deluge_value_t **args, size_t *count);
static crm_status_t call_effect(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, const crm_deluge_value_t *args,
    size_t count, crm_deluge_value_t *v);


static crm_status_t
call_args(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    const crm_deluge_node_t *receiver, crm_deluge_value_t **args,
    size_t *count)
{
    size_t        i, n;
    crm_status_t  rc;

    n = receiver != NULL;
    *count = node->count + n;

    *args = crm_pool_calloc(run->pool, *count + 1, sizeof(crm_deluge_value_t));
    if (*args == NULL) {
        return crm_deluge_memory(run, node->place);
    }

    if (receiver) {
        rc = crm_deluge_evaluate(run, receiver, &(*args)[0]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    for (i = 0; i < node->count; i++) {
        rc = crm_deluge_evaluate(run, node->list[i], &(*args)[i + n]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* A function of the script, a built-in one, or a task of the host. */
crm_status_t
crm_deluge_call_name(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    size_t                        count;
    crm_status_t                  rc;
    crm_deluge_value_t           *args;
    const crm_deluge_function_t  *function;

    rc = call_args(run, node, NULL, &args, &count);
    if (rc != CRM_OK) {
        return rc;
    }

    function = crm_deluge_function(run->script, node->text);

    if (function) {
        return crm_deluge_call(run, function, args, count, node->place, v);
    }

    rc = crm_deluge_builtin(run, node, args, count, v);

    if (rc == CRM_DECLINED) {
        rc = memchr(node->text.data, '.', node->text.len)
             ? call_effect(run, node, args, count, v) : CRM_DECLINED;
    }

    if (rc == CRM_DECLINED) {
        return crm_deluge_throw(run, node->place,
                   "there is no function \"%.*s\"", (int) node->text.len,
                   node->text.data);
    }

    return rc;
}


crm_status_t
crm_deluge_call_method(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    size_t               count;
    crm_status_t         rc;
    crm_deluge_value_t  *args;

    rc = call_args(run, node, node->a, &args, &count);

    if (rc == CRM_OK) {
        rc = crm_deluge_builtin(run, node, args, count, v);
    }

    if (rc == CRM_DECLINED) {
        return crm_deluge_throw(run, node->place,
                   "there is no function \"%.*s\"", (int) node->text.len,
                   node->text.data);
    }

    return rc;
}


/* invokeurl, sendmail: their keys are one map. */
crm_status_t
crm_deluge_call_task(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    size_t                    i;
    crm_status_t              rc;
    crm_deluge_value_t        keys, value;
    const crm_deluge_node_t  *param;

    keys = crm_deluge_null();
    keys.u.map = crm_deluge_map(run->pool);
    if (keys.u.map == NULL) {
        return crm_deluge_memory(run, node->place);
    }

    keys.type = CRM_DELUGE_MAP;

    for (i = 0; i < node->count; i++) {
        param = node->list[i];

        rc = crm_deluge_evaluate(run, param->a, &value);

        if (rc == CRM_OK) {
            rc = crm_deluge_check(run, param->place,
                     crm_deluge_map_put(keys.u.map, param->text, value,
                                        run->pool));
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    rc = call_effect(run, node, &keys, 1, v);

    return rc == CRM_DECLINED
           ? crm_deluge_throw(run, node->place, "%.*s cannot be used here",
                              (int) node->text.len, node->text.data)
           : rc;
}


/* CRM_DECLINED: the host knows no such task. */
static crm_status_t
call_effect(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    const crm_deluge_value_t *args, size_t count, crm_deluge_value_t *v)
{
    crm_status_t         rc;
    crm_deluge_effect_t  effect;

    if (run->host->effect == NULL) {
        return CRM_DECLINED;
    }

    if (run->effects == run->limits->effects) {
        return crm_deluge_limit(run, node->place,
                   "more than %zu tasks: zoho.crm, invokeurl, sendmail",
                   run->limits->effects);
    }

    run->effects++;

    effect.name = node->text;
    effect.args = args;
    effect.count = count;
    effect.place = node->place;

    rc = run->host->effect(run->host->data, &effect, v, run->pool, run->err);

    if (rc == CRM_DECLINED) {
        run->effects--;
        return rc;
    }

    if (rc == CRM_ENOMEM) {
        return crm_deluge_memory(run, node->place);
    }

    run->err->place = node->place;

    return rc;
}


crm_status_t
crm_deluge_call(crm_deluge_run_t *run, const crm_deluge_function_t *function,
    crm_deluge_value_t *args, size_t count, crm_deluge_place_t place,
    crm_deluge_value_t *result)
{
    size_t             i;
    crm_status_t       rc;
    crm_deluge_map_t  *caller;

    if (count != function->count) {
        return crm_deluge_throw(run, place,
                   "%.*s takes %zu arguments, here are %zu",
                   (int) function->name.len, function->name.data,
                   function->count, count);
    }

    if (run->calls == run->limits->calls) {
        return crm_deluge_limit(run, place,
                   "functions call each other more than %u deep",
                   run->limits->calls);
    }

    caller = run->variables;

    run->variables = crm_deluge_map(run->pool);
    if (run->variables == NULL) {
        run->variables = caller;
        return crm_deluge_memory(run, place);
    }

    rc = CRM_OK;

    for (i = 0; i < count && rc == CRM_OK; i++) {
        rc = crm_deluge_check(run, place,
                 crm_deluge_map_put(run->variables, function->params[i].name,
                                    args[i], run->pool));
    }

    if (rc == CRM_OK) {
        run->calls++;
        run->value = crm_deluge_null();
        rc = crm_deluge_run_block(run, function->body);
        run->calls--;
    }

    *result = run->flow == CRM_DELUGE_RETURNED ? run->value
                                               : crm_deluge_null();
    run->flow = CRM_DELUGE_NEXT;
    run->variables = caller;

    return rc;
}
