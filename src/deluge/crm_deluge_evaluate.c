/*
 * Expressions: see crm_deluge_run.h.
 */

#include "crm_deluge_run.h"

#include "crm_deluge_moment.h"


static crm_status_t evaluate_node(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
static crm_status_t evaluate_name(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
static crm_status_t evaluate_path(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
static crm_status_t evaluate_moment(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
static crm_status_t evaluate_unary(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
static crm_status_t evaluate_binary(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
static crm_status_t evaluate_logical(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
static crm_status_t evaluate_order(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, const crm_deluge_value_t *a,
    const crm_deluge_value_t *b, crm_deluge_value_t *v);
static crm_status_t evaluate_member(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
static crm_status_t evaluate_list(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);
static crm_status_t evaluate_map(crm_deluge_run_t *run,
    const crm_deluge_node_t *node, crm_deluge_value_t *v);


crm_status_t
crm_deluge_evaluate(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    crm_status_t  rc;

    *v = crm_deluge_null();

    rc = crm_deluge_enter(run, node->place);

    if (rc == CRM_OK) {
        rc = evaluate_node(run, node, v);
        run->depth--;
    }

    return rc;
}


static crm_status_t
evaluate_node(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    switch (node->kind) {

    case CRM_DELUGE_N_LITERAL:
        *v = node->value;
        return CRM_OK;

    case CRM_DELUGE_N_MOMENT:
        return evaluate_moment(run, node, v);

    case CRM_DELUGE_N_NAME:
        return evaluate_name(run, node, v);

    case CRM_DELUGE_N_PATH:
        return evaluate_path(run, node, v);

    case CRM_DELUGE_N_UNARY:
        return evaluate_unary(run, node, v);

    case CRM_DELUGE_N_BINARY:
        return evaluate_binary(run, node, v);

    case CRM_DELUGE_N_CALL:
        return crm_deluge_call_name(run, node, v);

    case CRM_DELUGE_N_METHOD:
        return crm_deluge_call_method(run, node, v);

    case CRM_DELUGE_N_MEMBER:
        return evaluate_member(run, node, v);

    case CRM_DELUGE_N_LIST:
        return evaluate_list(run, node, v);

    case CRM_DELUGE_N_MAP:
        return evaluate_map(run, node, v);

    case CRM_DELUGE_N_TASK:
        return crm_deluge_call_task(run, node, v);

    default:
        return CRM_EINVAL;      /* a statement: no parser makes it */
    }
}


static crm_status_t
evaluate_name(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    crm_deluge_value_t  *variable;

    variable = crm_deluge_map_get(run->variables, node->text);

    if (variable == NULL) {
        return crm_deluge_throw(run, node->place,
                   "the variable \"%.*s\" is not defined",
                   (int) node->text.len, node->text.data);
    }

    *v = *variable;

    return CRM_OK;
}


static crm_status_t
evaluate_path(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    const crm_deluge_host_t  *host;

    host = run->host;

    if (crm_str_is(node->text, "zoho.currentdate")) {
        *v = crm_deluge_moment(CRM_DELUGE_DATE,
                 crm_zone_day(host->zone, host->now_ms / 1000));

    } else if (crm_str_is(node->text, "zoho.currenttime")) {
        *v = crm_deluge_moment(CRM_DELUGE_DATETIME, host->now_ms / 1000);

    } else if (crm_str_is(node->text, "zoho.loginuser")) {
        *v = crm_deluge_text(host->user);

    } else if (crm_str_is(node->text, "zoho.loginuserid")) {
        *v = crm_deluge_text(host->user_id);

    } else {
        return crm_deluge_throw(run, node->place, "\"%.*s\" is not supported",
                                (int) node->text.len, node->text.data);
    }

    return CRM_OK;
}


static crm_status_t
evaluate_moment(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    if (crm_deluge_moment_read(v, node->text, run->host->zone) == CRM_OK) {
        return CRM_OK;
    }

    return crm_deluge_throw(run, node->place,
               "'%.*s' is no date: single quotes hold dates, double quotes"
               " texts", node->text.len > 40 ? 40 : (int) node->text.len,
               node->text.data);
}


static crm_status_t
evaluate_unary(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    crm_status_t        rc;
    crm_deluge_value_t  operand, zero;

    rc = crm_deluge_evaluate(run, node->a, &operand);
    if (rc != CRM_OK) {
        return rc;
    }

    if (node->op == '-') {
        zero = crm_deluge_number(0);

        return crm_deluge_arithmetic(run, '-', node->place, &zero, &operand,
                                     v);
    }

    if (operand.type != CRM_DELUGE_BOOLEAN) {
        return crm_deluge_throw(run, node->place,
                   "! turns a BOOLEAN around, this is %s",
                   crm_deluge_type_name(operand.type));
    }

    *v = crm_deluge_boolean(!operand.u.boolean);

    return CRM_OK;
}


static crm_status_t
evaluate_binary(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    crm_status_t        rc;
    crm_deluge_value_t  a, b;

    if (node->op == CRM_DELUGE_OP_AND || node->op == CRM_DELUGE_OP_OR) {
        return evaluate_logical(run, node, v);
    }

    rc = crm_deluge_evaluate(run, node->a, &a);

    if (rc == CRM_OK) {
        rc = crm_deluge_evaluate(run, node->b, &b);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    switch (node->op) {

    case CRM_DELUGE_OP_EQ:
        *v = crm_deluge_boolean(crm_deluge_equal(&a, &b));
        return CRM_OK;

    case CRM_DELUGE_OP_NE:
        *v = crm_deluge_boolean(!crm_deluge_equal(&a, &b));
        return CRM_OK;

    case '<':
    case '>':
    case CRM_DELUGE_OP_LE:
    case CRM_DELUGE_OP_GE:
        return evaluate_order(run, node, &a, &b, v);

    default:
        return crm_deluge_arithmetic(run, node->op, node->place, &a, &b, v);
    }
}


static crm_status_t
evaluate_logical(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    size_t                    i;
    crm_status_t              rc;
    const crm_deluge_node_t  *sides[2];

    sides[0] = node->a;
    sides[1] = node->b;

    for (i = 0; i < 2; i++) {
        rc = crm_deluge_evaluate(run, sides[i], v);
        if (rc != CRM_OK) {
            return rc;
        }

        if (v->type != CRM_DELUGE_BOOLEAN) {
            return crm_deluge_throw(run, sides[i]->place,
                       "%s combines BOOLEANs, this is %s",
                       node->op == CRM_DELUGE_OP_AND ? "&&" : "||",
                       crm_deluge_type_name(v->type));
        }

        if (v->u.boolean == (node->op == CRM_DELUGE_OP_OR)) {
            break;
        }
    }

    return CRM_OK;
}


static crm_status_t
evaluate_order(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    const crm_deluge_value_t *a, const crm_deluge_value_t *b,
    crm_deluge_value_t *v)
{
    int  order;

    if (crm_deluge_compare(&order, a, b) != CRM_OK) {
        return crm_deluge_throw(run, node->place,
                   "%s and %s have no order", crm_deluge_type_name(a->type),
                   crm_deluge_type_name(b->type));
    }

    switch (node->op) {

    case '<':
        *v = crm_deluge_boolean(order < 0);
        break;
    case '>':
        *v = crm_deluge_boolean(order > 0);
        break;
    case CRM_DELUGE_OP_LE:
        *v = crm_deluge_boolean(order <= 0);
        break;
    default:
        *v = crm_deluge_boolean(order >= 0);
    }

    return CRM_OK;
}


/* What a map has not is null. */
static crm_status_t
evaluate_member(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    crm_status_t         rc;
    crm_deluge_value_t   map, *member;

    rc = crm_deluge_evaluate(run, node->a, &map);
    if (rc != CRM_OK) {
        return rc;
    }

    if (map.type != CRM_DELUGE_MAP) {
        return crm_deluge_throw(run, node->place,
                   "\"%.*s\" is asked of a KEY-VALUE, this is %s",
                   (int) node->text.len, node->text.data,
                   crm_deluge_type_name(map.type));
    }

    member = crm_deluge_map_get(map.u.map, node->text);

    if (member) {
        *v = *member;
    }

    return CRM_OK;
}


static crm_status_t
evaluate_list(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    size_t               i;
    crm_status_t         rc;
    crm_deluge_list_t   *list;
    crm_deluge_value_t   item;

    list = crm_deluge_list(run->pool);
    if (list == NULL) {
        return crm_deluge_memory(run, node->place);
    }

    for (i = 0; i < node->count; i++) {
        rc = crm_deluge_evaluate(run, node->list[i], &item);

        if (rc == CRM_OK) {
            rc = crm_deluge_check(run, node->place,
                     crm_deluge_list_push(list, item, run->pool));
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    v->type = CRM_DELUGE_LIST;
    v->u.list = list;

    return CRM_OK;
}


static crm_status_t
evaluate_map(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *v)
{
    size_t               i;
    crm_str_t            key;
    crm_status_t         rc;
    crm_deluge_map_t    *map;
    crm_deluge_value_t   item;

    map = crm_deluge_map(run->pool);
    if (map == NULL) {
        return crm_deluge_memory(run, node->place);
    }

    for (i = 0; i < node->count; i += 2) {
        rc = crm_deluge_evaluate(run, node->list[i], &item);

        if (rc == CRM_OK) {
            rc = crm_deluge_to_text(run, node->place, &item, &key);
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_evaluate(run, node->list[i + 1], &item);
        }

        if (rc == CRM_OK) {
            rc = crm_deluge_check(run, node->place,
                     crm_deluge_map_put(map, key, item, run->pool));
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    v->type = CRM_DELUGE_MAP;
    v->u.map = map;

    return CRM_OK;
}
