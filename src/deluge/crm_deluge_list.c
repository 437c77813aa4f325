/*
 * Functions of LIST.
 */

#include "crm_deluge_run.h"


static crm_status_t list_made(crm_deluge_call_t *call,
    crm_deluge_list_t **list);
static crm_status_t list_at(crm_deluge_call_t *call, long long i,
    size_t *index);
static size_t list_find(const crm_deluge_list_t *list,
    const crm_deluge_value_t *v, int last);
static crm_status_t list_push(crm_deluge_call_t *call, crm_deluge_list_t *list,
    crm_deluge_value_t v);


/* List(), List("string"): a new one. */
static crm_status_t
list_new(crm_deluge_call_t *call)
{
    crm_deluge_list_t  *list;

    return list_made(call, &list);
}


static crm_status_t
list_add(crm_deluge_call_t *call)
{
    crm_deluge_list_t  *list;

    list = call->args[0].u.list;

    if (crm_deluge_holds(&call->args[1], list)) {
        return crm_deluge_throw(call->run, call->place,
                                "a LIST cannot hold itself");
    }

    *call->result = call->args[0];

    return list_push(call, list, call->args[1]);
}


static crm_status_t
list_add_all(crm_deluge_call_t *call)
{
    size_t              i, n;
    crm_status_t        rc;
    crm_deluge_list_t  *list, *from;

    list = call->args[0].u.list;
    from = call->args[1].u.list;
    n = from->count;

    *call->result = call->args[0];

    for (i = 0; i < n; i++) {

        if (crm_deluge_holds(&from->items[i], list)) {
            return crm_deluge_throw(call->run, call->place,
                                    "a LIST cannot hold itself");
        }

        rc = list_push(call, list, from->items[i]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
list_get(crm_deluge_call_t *call)
{
    size_t        i;
    crm_status_t  rc;

    rc = list_at(call, call->args[1].u.number, &i);

    if (rc == CRM_OK) {
        *call->result = call->args[0].u.list->items[i];
    }

    return rc;
}


/* The item that was there. */
static crm_status_t
list_remove(crm_deluge_call_t *call)
{
    size_t        i;
    crm_status_t  rc;

    rc = list_at(call, call->args[1].u.number, &i);

    if (rc == CRM_OK) {
        *call->result = call->args[0].u.list->items[i];
        crm_deluge_list_remove(call->args[0].u.list, i);
    }

    return rc;
}


/* The first that is equal. */
static crm_status_t
list_remove_element(crm_deluge_call_t *call)
{
    size_t  i;

    i = list_find(call->args[0].u.list, &call->args[1], 0);

    if (i != SIZE_MAX) {
        crm_deluge_list_remove(call->args[0].u.list, i);
    }

    *call->result = crm_deluge_boolean(i != SIZE_MAX);

    return CRM_OK;
}


/* Those that the other list holds go, or stay alone. */
static crm_status_t
list_filter(crm_deluge_call_t *call, crm_deluge_list_t *to, int keep)
{
    size_t                    i, n;
    crm_status_t              rc;
    const crm_deluge_list_t  *list;

    list = call->args[0].u.list;
    n = 0;

    for (i = 0; i < list->count; i++) {

        if ((list_find(call->args[1].u.list, &list->items[i], 0) != SIZE_MAX)
            != keep)
        {
            continue;
        }

        if (to == list) {
            to->items[n++] = list->items[i];
            continue;
        }

        rc = list_push(call, to, list->items[i]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (to == list) {
        to->count = n;
    }

    return CRM_OK;
}


static crm_status_t
list_remove_all(crm_deluge_call_t *call)
{
    *call->result = call->args[0];

    return list_filter(call, call->args[0].u.list, 0);
}


static crm_status_t
list_intersect(crm_deluge_call_t *call)
{
    crm_status_t        rc;
    crm_deluge_list_t  *list;

    rc = list_made(call, &list);

    return rc == CRM_OK ? list_filter(call, list, 1) : rc;
}


static crm_status_t
list_clear(crm_deluge_call_t *call)
{
    call->args[0].u.list->count = 0;

    return CRM_OK;
}


static crm_status_t
list_size(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_number((long long)
                                      call->args[0].u.list->count);
    return CRM_OK;
}


static crm_status_t
list_index(crm_deluge_call_t *call, int last)
{
    size_t  i;

    i = list_find(call->args[0].u.list, &call->args[1], last);
    *call->result = crm_deluge_number(i == SIZE_MAX ? -1 : (long long) i);

    return CRM_OK;
}


static crm_status_t
list_index_first(crm_deluge_call_t *call)
{
    return list_index(call, 0);
}


static crm_status_t
list_index_last(crm_deluge_call_t *call)
{
    return list_index(call, 1);
}


static crm_status_t
list_contains(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_boolean(
        list_find(call->args[0].u.list, &call->args[1], 0) != SIZE_MAX);

    return CRM_OK;
}


static crm_status_t
list_not_contains(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_boolean(
        list_find(call->args[0].u.list, &call->args[1], 0) == SIZE_MAX);

    return CRM_OK;
}


/* sort([ascending]): this very list. */
static crm_status_t
list_sort(crm_deluge_call_t *call)
{
    crm_status_t  rc;

    *call->result = call->args[0];

    rc = crm_deluge_list_sort(call->args[0].u.list,
             call->count > 1 && !call->args[1].u.boolean, call->run->pool);

    return rc == CRM_DECLINED
           ? crm_deluge_throw(call->run, call->place,
                              "the LIST holds what has no order")
           : crm_deluge_check(call->run, call->place, rc);
}


static crm_status_t
list_sub(crm_deluge_call_t *call)
{
    size_t              i, from, to;
    long long           count, a, b;
    crm_status_t        rc;
    crm_deluge_list_t  *list;

    count = (long long) call->args[0].u.list->count;
    a = call->args[1].u.number;
    b = call->count > 2 ? call->args[2].u.number : count;

    if (a < 0 || a > b || b > count) {
        return crm_deluge_throw(call->run, call->place,
                   "the LIST has %lld items, not those from %lld to %lld",
                   count, a, b);
    }

    from = (size_t) a;
    to = (size_t) b;

    rc = list_made(call, &list);

    for (i = from; i < to && rc == CRM_OK; i++) {
        rc = list_push(call, list, call->args[0].u.list->items[i]);
    }

    return rc;
}


static crm_status_t
list_distinct(crm_deluge_call_t *call)
{
    size_t                    i;
    crm_status_t              rc;
    crm_deluge_list_t        *list;
    const crm_deluge_list_t  *from;

    from = call->args[0].u.list;
    rc = list_made(call, &list);

    for (i = 0; i < from->count && rc == CRM_OK; i++) {
        if (list_find(list, &from->items[i], 0) == SIZE_MAX) {
            rc = list_push(call, list, from->items[i]);
        }
    }

    return rc;
}


/* Its texts with something between them. */
static crm_status_t
list_join(crm_deluge_call_t *call)
{
    size_t                    i;
    crm_buf_t                 buf;
    crm_str_t                 text;
    crm_status_t              rc;
    const crm_deluge_list_t  *list;

    list = call->args[0].u.list;
    crm_deluge_buf(call->run, &buf);

    for (i = 0; i < list->count; i++) {

        if (i) {
            crm_buf_str(&buf, call->args[1].u.text);
        }

        rc = crm_deluge_to_text(call->run, call->place, &list->items[i],
                                &text);
        if (rc != CRM_OK) {
            return rc;
        }

        crm_buf_str(&buf, text);
    }

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


/* {} is a list. */
static crm_status_t
list_put(crm_deluge_call_t *call)
{
    return crm_deluge_throw(call->run, call->place,
                            "put is a function of KEY-VALUE: begin with"
                            " Map(), not with {} or List()");
}


const crm_deluge_builtin_t  crm_deluge_list_builtins[] = {
    { "List", CRM_DELUGE_ON_NONE, 0, "a", list_new },
    { "list", CRM_DELUGE_ON_NONE, 0, "a", list_new },
    { "add", CRM_DELUGE_ON_LIST, 1, "a", list_add },
    { "addAll", CRM_DELUGE_ON_LIST, 1, "l", list_add_all },
    { "get", CRM_DELUGE_ON_LIST, 1, "n", list_get },
    { "remove", CRM_DELUGE_ON_LIST, 1, "n", list_remove },
    { "removeElement", CRM_DELUGE_ON_LIST, 1, "a", list_remove_element },
    { "removeAll", CRM_DELUGE_ON_LIST, 1, "l", list_remove_all },
    { "intersect", CRM_DELUGE_ON_LIST, 1, "l", list_intersect },
    { "clear", CRM_DELUGE_ON_LIST, 0, "", list_clear },
    { "size", CRM_DELUGE_ON_LIST, 0, "", list_size },
    { "indexOf", CRM_DELUGE_ON_LIST, 1, "a", list_index_first },
    { "lastIndexOf", CRM_DELUGE_ON_LIST, 1, "a", list_index_last },
    { "contains", CRM_DELUGE_ON_LIST, 1, "a", list_contains },
    { "notContains", CRM_DELUGE_ON_LIST, 1, "a", list_not_contains },
    { "sort", CRM_DELUGE_ON_LIST, 0, "b", list_sort },
    { "subList", CRM_DELUGE_ON_LIST, 1, "nn", list_sub },
    { "sublist", CRM_DELUGE_ON_LIST, 1, "nn", list_sub },
    { "distinct", CRM_DELUGE_ON_LIST, 0, "", list_distinct },
    { "join", CRM_DELUGE_ON_LIST, 1, "t", list_join },
    { "put", CRM_DELUGE_ON_LIST, 0, "a*", list_put },
    { NULL, 0, 0, NULL, NULL }
};


static crm_status_t
list_made(crm_deluge_call_t *call, crm_deluge_list_t **list)
{
    *list = crm_deluge_list(call->run->pool);
    if (*list == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    call->result->type = CRM_DELUGE_LIST;
    call->result->u.list = *list;

    return CRM_OK;
}


static crm_status_t
list_push(crm_deluge_call_t *call, crm_deluge_list_t *list,
    crm_deluge_value_t v)
{
    return crm_deluge_check(call->run, call->place,
               crm_deluge_list_push(list, v, call->run->pool));
}


static crm_status_t
list_at(crm_deluge_call_t *call, long long i, size_t *index)
{
    size_t  count;

    *index = 0;
    count = call->args[0].u.list->count;

    if (i < 0 || (size_t) i >= count) {
        return crm_deluge_throw(call->run, call->place,
                   "index %lld is out of range: the LIST has %zu items", i,
                   count);
    }

    *index = (size_t) i;

    return CRM_OK;
}


static size_t
list_find(const crm_deluge_list_t *list, const crm_deluge_value_t *v, int last)
{
    size_t  i, at;

    for (i = 0; i < list->count; i++) {
        at = last ? list->count - 1 - i : i;

        if (crm_deluge_equal(&list->items[at], v)) {
            return at;
        }
    }

    return SIZE_MAX;
}
