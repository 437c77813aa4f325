/*
 * Statements: see crm_deluge.h.
 */

#include "crm_deluge_run.h"


static crm_status_t run_main(crm_deluge_run_t *run,
    const crm_deluge_map_t *arguments);
static crm_status_t run_statements(crm_deluge_run_t *run,
    const crm_deluge_node_t *block);
static crm_status_t run_statement(crm_deluge_run_t *run,
    const crm_deluge_node_t *node);
static crm_status_t run_assign(crm_deluge_run_t *run,
    const crm_deluge_node_t *node);
static crm_status_t run_assign_member(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t v);
static crm_status_t run_if(crm_deluge_run_t *run,
    const crm_deluge_node_t *node);
static crm_status_t run_for_each(crm_deluge_run_t *run,
    const crm_deluge_node_t *node);
static crm_status_t run_walk(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, const crm_deluge_value_t *over);
static crm_status_t run_each(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, const crm_deluge_value_t *over, size_t *at,
    crm_deluge_value_t *item);
static crm_status_t run_info(crm_deluge_run_t *run,
    const crm_deluge_node_t *node);
static crm_status_t run_try(crm_deluge_run_t *run,
    const crm_deluge_node_t *node);
static crm_status_t run_throw(crm_deluge_run_t *run,
    const crm_deluge_node_t *node);


crm_status_t
crm_deluge_run(crm_deluge_result_t *result, const crm_deluge_script_t *script,
    const crm_deluge_map_t *arguments, const crm_deluge_host_t *host,
    const crm_deluge_limits_t *limits, crm_pool_t *pool,
    crm_deluge_error_t *err)
{
    crm_status_t      rc;
    crm_deluge_run_t  run;

    memset(&run, 0, sizeof(crm_deluge_run_t));

    run.script = script;
    run.host = host;
    run.limits = limits;
    run.pool = pool;
    run.err = err;

    if (host->hours) {
        run.hours = *host->hours;
    } else {
        crm_hours_init(&run.hours);
    }

    crm_buf_init(&run.log, pool, 0);

    rc = run_main(&run, arguments);

    result->value = run.value;
    result->log = crm_buf_view(&run.log);
    result->log_cut = run.log_cut;
    result->statements = run.statements;
    result->effects = run.effects;

    return rc;
}


/* The first function, or the statements outside of functions. */
static crm_status_t
run_main(crm_deluge_run_t *run, const crm_deluge_map_t *arguments)
{
    size_t                        at, i;
    crm_deluge_value_t           *args, *v;
    crm_deluge_place_t            nowhere;
    const crm_deluge_entry_t     *entry;
    const crm_deluge_function_t  *function;

    memset(&nowhere, 0, sizeof(crm_deluge_place_t));

    run->variables = crm_deluge_map(run->pool);
    if (run->variables == NULL) {
        return crm_deluge_memory(run, nowhere);
    }

    if (run->script->body->count == 0 && run->script->count) {
        function = &run->script->functions[0];

        args = crm_pool_calloc(run->pool, function->count + 1,
                               sizeof(crm_deluge_value_t));
        if (args == NULL) {
            return crm_deluge_memory(run, nowhere);
        }

        for (i = 0; i < function->count; i++) {
            v = crm_deluge_map_get(arguments, function->params[i].name);

            if (v == NULL) {
                return crm_deluge_throw(run, function->place,
                           "the argument \"%.*s\" is missing",
                           (int) function->params[i].name.len,
                           function->params[i].name.data);
            }

            args[i] = *v;
        }

        return crm_deluge_call(run, function, args, function->count,
                               function->place, &run->value);
    }

    for (at = 0; (entry = crm_deluge_map_next(arguments, &at)) != NULL;
         /* void */)
    {
        if (crm_deluge_map_put(run->variables, entry->key, entry->value,
                               run->pool) != CRM_OK)
        {
            return crm_deluge_memory(run, nowhere);
        }
    }

    return crm_deluge_run_block(run, run->script->body);
}


crm_status_t
crm_deluge_run_block(crm_deluge_run_t *run, const crm_deluge_node_t *block)
{
    crm_status_t  rc;

    rc = crm_deluge_enter(run, block->place);

    if (rc == CRM_OK) {
        rc = run_statements(run, block);
        run->depth--;
    }

    return rc;
}


static crm_status_t
run_statements(crm_deluge_run_t *run, const crm_deluge_node_t *block)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0; i < block->count; i++) {

        if (++run->statements > run->limits->statements) {
            return crm_deluge_limit(run, block->list[i]->place,
                       "more than %zu statements were executed",
                       run->limits->statements);
        }

        rc = run_statement(run, block->list[i]);

        if (rc != CRM_OK || run->flow != CRM_DELUGE_NEXT) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
run_statement(crm_deluge_run_t *run, const crm_deluge_node_t *node)
{
    crm_status_t        rc;
    crm_deluge_value_t  ignored;

    switch (node->kind) {

    case CRM_DELUGE_N_ASSIGN:
        return run_assign(run, node);

    case CRM_DELUGE_N_IF:
        return run_if(run, node);

    case CRM_DELUGE_N_FOR_EACH:
        return run_for_each(run, node);

    case CRM_DELUGE_N_BREAK:
        run->flow = CRM_DELUGE_BROKEN;
        return CRM_OK;

    case CRM_DELUGE_N_CONTINUE:
        run->flow = CRM_DELUGE_CONTINUED;
        return CRM_OK;

    case CRM_DELUGE_N_RETURN:
        rc = CRM_OK;
        run->value = crm_deluge_null();

        if (node->a) {
            rc = crm_deluge_evaluate(run, node->a, &run->value);
        }

        run->flow = CRM_DELUGE_RETURNED;
        return rc;

    case CRM_DELUGE_N_INFO:
        return run_info(run, node);

    case CRM_DELUGE_N_TRY:
        return run_try(run, node);

    case CRM_DELUGE_N_THROW:
        return run_throw(run, node);

    default:
        return crm_deluge_evaluate(run, node->a, &ignored);
    }
}


static crm_status_t
run_assign(crm_deluge_run_t *run, const crm_deluge_node_t *node)
{
    crm_status_t        rc;
    crm_deluge_value_t  old, v;

    rc = crm_deluge_evaluate(run, node->b, &v);

    if (rc == CRM_OK && node->op != '=') {
        rc = crm_deluge_evaluate(run, node->a, &old);

        if (rc == CRM_OK) {
            rc = crm_deluge_arithmetic(run, node->op, node->place, &old, &v,
                                       &v);
        }
    }

    if (rc != CRM_OK) {
        return rc;
    }

    if (node->a->kind == CRM_DELUGE_N_MEMBER) {
        return run_assign_member(run, node, v);
    }

    return crm_deluge_check(run, node->place,
               crm_deluge_map_put(run->variables, node->a->text, v,
                                  run->pool));
}


/* map.key = v */
static crm_status_t
run_assign_member(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t v)
{
    crm_status_t        rc;
    crm_deluge_value_t  map;

    rc = crm_deluge_evaluate(run, node->a->a, &map);
    if (rc != CRM_OK) {
        return rc;
    }

    if (map.type != CRM_DELUGE_MAP) {
        return crm_deluge_throw(run, node->place,
                   "a key is set in a KEY-VALUE, this is %s",
                   crm_deluge_type_name(map.type));
    }

    if (crm_deluge_holds(&v, map.u.map)) {
        return crm_deluge_throw(run, node->place,
                                "a KEY-VALUE cannot hold itself");
    }

    return crm_deluge_check(run, node->place,
               crm_deluge_map_put(map.u.map, node->a->text, v, run->pool));
}


/* A chain of else if is walked, not entered. */
static crm_status_t
run_if(crm_deluge_run_t *run, const crm_deluge_node_t *node)
{
    crm_status_t        rc;
    crm_deluge_value_t  v;

    while (node) {

        if (node->kind == CRM_DELUGE_N_BLOCK) {
            return crm_deluge_run_block(run, node);
        }

        rc = crm_deluge_evaluate(run, node->a, &v);
        if (rc != CRM_OK) {
            return rc;
        }

        if (v.type != CRM_DELUGE_BOOLEAN) {
            return crm_deluge_throw(run, node->a->place,
                       "a condition is a BOOLEAN, this is %s",
                       crm_deluge_type_name(v.type));
        }

        if (v.u.boolean) {
            return crm_deluge_run_block(run, node->b);
        }

        node = node->c;
    }

    return CRM_OK;
}


static crm_status_t
run_for_each(crm_deluge_run_t *run, const crm_deluge_node_t *node)
{
    crm_status_t        rc;
    crm_deluge_value_t  over;

    rc = crm_deluge_evaluate(run, node->a, &over);
    if (rc != CRM_OK) {
        return rc;
    }

    if (over.type == CRM_DELUGE_COLLECTION
        && over.u.collection->held.type == CRM_DELUGE_NULL)
    {
        return CRM_OK;
    }

    over = *crm_deluge_inside(&over);

    if (over.type != CRM_DELUGE_LIST && over.type != CRM_DELUGE_MAP) {
        return crm_deluge_throw(run, node->a->place,
                   "for each walks a LIST, KEY-VALUE or COLLECTION, this is %s",
                   crm_deluge_type_name(over.type));
    }

    if (over.type == CRM_DELUGE_LIST) {
        return run_walk(run, node, &over);
    }

    over.u.map->walkers++;
    rc = run_walk(run, node, &over);
    over.u.map->walkers--;

    return rc;
}


static crm_status_t
run_walk(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    const crm_deluge_value_t *over)
{
    size_t              at;
    crm_status_t        rc;
    crm_deluge_value_t  item;

    for (at = 0; (rc = run_each(run, node, over, &at, &item)) == CRM_OK;
         /* void */)
    {
        /* a loop without statements costs one as well */

        if (++run->statements > run->limits->statements) {
            return crm_deluge_limit(run, node->place,
                       "more than %zu statements were executed",
                       run->limits->statements);
        }

        rc = crm_deluge_check(run, node->place,
                 crm_deluge_map_put(run->variables, node->text, item,
                                    run->pool));

        if (rc == CRM_OK) {
            rc = crm_deluge_run_block(run, node->b);
        }

        if (rc != CRM_OK || run->flow == CRM_DELUGE_RETURNED) {
            return rc;
        }

        if (run->flow == CRM_DELUGE_BROKEN) {
            run->flow = CRM_DELUGE_NEXT;
            return CRM_OK;
        }

        run->flow = CRM_DELUGE_NEXT;
    }

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


/* The next item of a list, key of a map, or index; CRM_DECLINED: no more. What
 * is added while the loop runs is walked too, up to the limits. */
static crm_status_t
run_each(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    const crm_deluge_value_t *over, size_t *at, crm_deluge_value_t *item)
{
    size_t                     before;
    const crm_deluge_entry_t  *entry;

    (void) run;

    before = *at;

    if (over->type == CRM_DELUGE_LIST) {

        if (*at >= over->u.list->count) {
            return CRM_DECLINED;
        }

        *item = over->u.list->items[(*at)++];

    } else {
        entry = crm_deluge_map_next(over->u.map, at);

        if (entry == NULL) {
            return CRM_DECLINED;
        }

        *item = crm_deluge_text(entry->key);
    }

    if (node->op == 'i') {
        *item = crm_deluge_number((long long) before);
    }

    return CRM_OK;
}


static crm_status_t
run_info(crm_deluge_run_t *run, const crm_deluge_node_t *node)
{
    crm_str_t           text;
    crm_status_t        rc;
    crm_deluge_value_t  v;

    rc = crm_deluge_evaluate(run, node->a, &v);

    if (rc == CRM_OK) {
        rc = crm_deluge_to_text(run, node->place, &v, &text);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    if (run->log_cut || text.len + 1 > run->limits->log - run->log.len) {
        run->log_cut = 1;
        return CRM_OK;
    }

    crm_buf_str(&run->log, text);
    crm_buf_putc(&run->log, '\n');

    return crm_buf_status(&run->log) == CRM_OK
           ? CRM_OK : crm_deluge_memory(run, node->place);
}


static crm_status_t
run_try(crm_deluge_run_t *run, const crm_deluge_node_t *node)
{
    crm_str_t           text;
    unsigned            calls;
    crm_status_t        rc;
    crm_deluge_map_t   *variables, *error;
    crm_deluge_value_t  v;

    calls = run->calls;
    variables = run->variables;

    rc = crm_deluge_run_block(run, node->a);
    if (rc != CRM_EINVAL) {
        return rc;
    }

    run->calls = calls;
    run->variables = variables;
    run->flow = CRM_DELUGE_NEXT;

    if (node->text.len) {
        text = crm_pool_dup(run->pool, crm_strz(run->err->text));
        error = crm_deluge_map(run->pool);

        if (text.data == NULL || error == NULL) {
            return crm_deluge_memory(run, node->place);
        }

        v = crm_deluge_null();
        v.type = CRM_DELUGE_MAP;
        v.u.map = error;

        if (crm_deluge_map_put(error, CRM_STR("message"),
                               crm_deluge_text(text), run->pool) != CRM_OK
            || crm_deluge_map_put(error, CRM_STR("lineNo"),
                   crm_deluge_number(run->err->place.line), run->pool)
               != CRM_OK
            || crm_deluge_map_put(run->variables, node->text, v, run->pool)
               != CRM_OK)
        {
            return crm_deluge_memory(run, node->place);
        }
    }

    memset(run->err, 0, sizeof(crm_deluge_error_t));

    return crm_deluge_run_block(run, node->b);
}


/* What was caught may be thrown again: its message and line are the old. */
static crm_status_t
run_throw(crm_deluge_run_t *run, const crm_deluge_node_t *node)
{
    crm_str_t            text;
    crm_status_t         rc;
    crm_deluge_place_t   place;
    crm_deluge_value_t   v, *message, *line;

    rc = crm_deluge_evaluate(run, node->a, &v);
    if (rc != CRM_OK) {
        return rc;
    }

    place = node->place;

    if (v.type == CRM_DELUGE_MAP) {
        message = crm_deluge_map_get(v.u.map, CRM_STR("message"));
        line = crm_deluge_map_get(v.u.map, CRM_STR("lineNo"));

        if (message && line && line->type == CRM_DELUGE_NUMBER) {
            v = *message;
            place.line = (int) line->u.number;
            place.column = 0;
        }
    }

    rc = crm_deluge_to_text(run, node->place, &v, &text);
    if (rc != CRM_OK) {
        return rc;
    }

    if (text.len == 0) {
        text = CRM_STR("an error without a message");
    }

    return crm_deluge_throw(run, place, "%.*s",
                            text.len > 200 ? 200 : (int) text.len, text.data);
}
