/*
 * Built-in functions: found by name and receiver, their arguments checked.
 */

#include "crm_deluge_run.h"


static const crm_deluge_builtin_t *const  builtin_tables[] = {
    crm_deluge_text_builtins,
    crm_deluge_change_builtins,
    crm_deluge_regex_builtins,
    crm_deluge_list_builtins,
    crm_deluge_map_builtins,
    crm_deluge_collection_builtins,
    crm_deluge_statistics_builtins,
    crm_deluge_number_builtins,
    crm_deluge_date_builtins,
    crm_deluge_convert_builtins,
    crm_deluge_encode_builtins,
    crm_deluge_digest_builtins,
    crm_deluge_xml_builtins,
    crm_deluge_file_builtins,
    NULL
};


static const crm_deluge_builtin_t *builtin_find(crm_str_t name,
    unsigned receiver, int *known);
static crm_status_t builtin_count(crm_deluge_call_t *call,
    const crm_deluge_builtin_t *row, size_t given);
static crm_status_t builtin_types(crm_deluge_call_t *call,
    const crm_deluge_builtin_t *row);
static crm_status_t builtin_type(crm_deluge_call_t *call, size_t i,
    size_t number, char letter);
static const char *builtin_letter(char letter);


crm_status_t
crm_deluge_builtin(crm_deluge_run_t *run, const crm_deluge_node_t *node,
    crm_deluge_value_t *args, size_t count, crm_deluge_value_t *result)
{
    int                          known;
    crm_status_t                 rc;
    crm_deluge_call_t            call;
    const crm_deluge_builtin_t  *row;

    known = 0;
    row = NULL;

    if (node->kind == CRM_DELUGE_N_CALL) {
        row = builtin_find(node->text, CRM_DELUGE_ON_NONE, &known);
    }

    if (row == NULL && count) {
        row = builtin_find(node->text, CRM_DELUGE_BIT(args[0].type), &known);
    }

    if (row == NULL && known && count) {
        return crm_deluge_throw(run, node->place, "%.*s is no function of %s",
                                (int) node->text.len, node->text.data,
                                crm_deluge_type_name(args[0].type));
    }

    if (row == NULL) {
        return CRM_DECLINED;
    }

    call.run = run;
    call.name = node->text;
    call.place = node->place;
    call.args = args;
    call.count = count;
    call.pairs = node->op == ':';
    call.result = result;

    *result = crm_deluge_null();

    rc = builtin_count(&call, row,
                       row->receivers & CRM_DELUGE_ON_NONE ? count
                                                           : count - 1);

    if (rc == CRM_OK) {
        rc = builtin_types(&call, row);
    }

    return rc == CRM_OK ? row->call(&call) : rc;
}


static const crm_deluge_builtin_t *
builtin_find(crm_str_t name, unsigned receiver, int *known)
{
    size_t                       i;
    const crm_deluge_builtin_t  *row;

    for (i = 0; builtin_tables[i]; i++) {
        for (row = builtin_tables[i]; row->name; row++) {

            if (row->name[0] != name.data[0] || !crm_str_is(name, row->name)) {
                continue;
            }

            *known = 1;

            if (row->receivers & receiver) {
                return row;
            }
        }
    }

    return NULL;
}


static crm_status_t
builtin_count(crm_deluge_call_t *call, const crm_deluge_builtin_t *row,
    size_t given)
{
    size_t  max;

    max = strlen(row->types);

    if (max && row->types[max - 1] == '*') {
        max = SIZE_MAX;
    }

    if (given >= row->min && given <= max) {
        return CRM_OK;
    }

    if (max == row->min) {
        return crm_deluge_throw(call->run, call->place,
                   "%s takes %u argument%s, here %s %zu", row->name, row->min,
                   row->min == 1 ? "" : "s", given == 1 ? "is" : "are", given);
    }

    return crm_deluge_throw(call->run, call->place,
               "%s takes from %u argument%s on, here %s %zu", row->name,
               row->min, row->min == 1 ? "" : "s", given == 1 ? "is" : "are",
               given);
}


static crm_status_t
builtin_types(crm_deluge_call_t *call, const crm_deluge_builtin_t *row)
{
    size_t        i, first, n;
    crm_status_t  rc;

    first = row->receivers & CRM_DELUGE_ON_NONE ? 0 : 1;
    n = strlen(row->types);

    if (n && row->types[n - 1] == '*') {
        n--;
    }

    for (i = first; i < call->count; i++) {
        rc = builtin_type(call, i, i - first + 1,
                          row->types[i - first < n ? i - first : n - 1]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* What t takes is made a text of. */
static crm_status_t
builtin_type(crm_deluge_call_t *call, size_t i, size_t number, char letter)
{
    int                  ok;
    crm_str_t            text;
    crm_status_t         rc;
    crm_deluge_value_t  *v;

    v = &call->args[i];

    switch (letter) {

    case 't':
        if (v->type == CRM_DELUGE_NULL) {
            ok = 0;
            break;
        }

        rc = crm_deluge_to_text(call->run, call->place, v, &text);
        *v = crm_deluge_text(text);
        return rc;

    case 'n':
        ok = v->type == CRM_DELUGE_NUMBER;
        break;

    case 'd':
        ok = v->type == CRM_DELUGE_NUMBER || v->type == CRM_DELUGE_DECIMAL;
        break;

    case 'b':
        ok = v->type == CRM_DELUGE_BOOLEAN;
        break;

    case 'l':
        ok = v->type == CRM_DELUGE_LIST;
        break;

    case 'm':
        ok = v->type == CRM_DELUGE_MAP;
        break;

    case 'w':
        ok = v->type == CRM_DELUGE_DATE || v->type == CRM_DELUGE_DATETIME;
        break;

    case 'h':
        ok = v->type == CRM_DELUGE_LIST || v->type == CRM_DELUGE_MAP
             || v->type == CRM_DELUGE_COLLECTION;
        break;

    case 'c':
        ok = v->type == CRM_DELUGE_LIST || v->type == CRM_DELUGE_COLLECTION;
        break;

    default:
        ok = 1;
    }

    if (ok) {
        return CRM_OK;
    }

    return crm_deluge_throw(call->run, call->place,
               "argument %zu of %.*s is a %s, not %s",
               number, (int) call->name.len, call->name.data,
               builtin_letter(letter),
               crm_deluge_type_name(v->type));
}


static const char *
builtin_letter(char letter)
{
    switch (letter) {

    case 't':
        return "TEXT";
    case 'n':
        return "NUMBER";
    case 'd':
        return "NUMBER or DECIMAL";
    case 'b':
        return "BOOLEAN";
    case 'l':
        return "LIST";
    case 'm':
        return "KEY-VALUE";
    case 'h':
        return "LIST, KEY-VALUE or COLLECTION";
    case 'c':
        return "LIST or COLLECTION";
    default:
        return "DATE or DATE-TIME";
    }
}
