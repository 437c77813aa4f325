/*
 * The paths by which parts of XML are named:
 *
 *     path      = [ "/" / "//" ] step *( ( "/" / "//" ) step )
 *     step      = ( "." / ".." / "text()" / "node()" / name / "*"
 *                   / "@" ( name / "*" ) ) *predicate
 *     predicate = "[" ( number / "last()"
 *                       / path [ ( "=" / "!=" ) literal ] ) "]"
 *
 * A step takes a set of nodes to another one; each node that is looked at is
 * paid for, so that no path takes longer than a loop might.
 */

#include "crm_deluge_xml.h"


#define XPATH_NESTING  16       /* of predicates */

typedef struct {
    crm_deluge_call_t  *call;
    crm_pool_t         *pool;
    crm_deluge_xml_t   *document;
    crm_str_t           path;
    unsigned            mark;
    size_t              steps;
    unsigned            depth;
} xpath_t;

/* What a step asks for. */
typedef struct {
    enum {
        XPATH_SELF = 0,
        XPATH_PARENT,
        XPATH_CHILD,
        XPATH_ATTRIBUTE
    }          axis;
    int        texts;           /* text() */
    int        any;             /* node() */
    crm_str_t  name;            /* "*": each */
} xpath_step_t;


static crm_status_t xpath_path(xpath_t *xpath, size_t *at, crm_array_t *set);
static crm_status_t xpath_below(xpath_t *xpath, crm_array_t *set);
static crm_status_t xpath_step(xpath_t *xpath, size_t *at, crm_array_t *set);
static void xpath_once(xpath_t *xpath, crm_array_t *set);
static crm_status_t xpath_read(xpath_t *xpath, size_t *at,
    xpath_step_t *step);
static crm_status_t xpath_word(xpath_t *xpath, size_t *at, crm_str_t *name);
static crm_status_t xpath_take(xpath_t *xpath, const xpath_step_t *step,
    crm_deluge_xml_t *from, crm_array_t *set);
static int xpath_asked(const xpath_step_t *step, const crm_deluge_xml_t *node);
static crm_status_t xpath_predicate(xpath_t *xpath, size_t *at,
    crm_array_t *set);
static crm_status_t xpath_holds(xpath_t *xpath, size_t *at,
    crm_deluge_xml_t *node, size_t place, size_t count, int *holds);
static crm_status_t xpath_literal(xpath_t *xpath, size_t *at, crm_str_t *text);
static crm_status_t xpath_value(xpath_t *xpath, const crm_deluge_xml_t *node,
    crm_str_t *text);
static crm_status_t xpath_add(xpath_t *xpath, crm_array_t *set,
    crm_deluge_xml_t *node);
static crm_status_t xpath_pay(xpath_t *xpath);
static int xpath_sign(const xpath_t *xpath, size_t *at, const char *s);
static crm_status_t xpath_bad(xpath_t *xpath, size_t at);
static int xpath_order(const void *a, const void *b);


crm_status_t
crm_deluge_xpath(crm_deluge_call_t *call, crm_array_t *found,
    crm_deluge_xml_t *document, crm_str_t path, crm_pool_t *pool)
{
    size_t        at;
    xpath_t       xpath;
    crm_status_t  rc, spent;

    memset(&xpath, 0, sizeof(xpath_t));
    memset(found, 0, sizeof(crm_array_t));

    xpath.call = call;
    xpath.pool = pool;
    xpath.document = document;
    xpath.path = path;
    at = 0;

    rc = xpath_add(&xpath, found, document);

    if (rc == CRM_OK) {
        rc = xpath_path(&xpath, &at, found);
    }

    if (rc == CRM_OK && at < path.len) {
        rc = xpath_bad(&xpath, at);
    }

    if (rc == CRM_OK) {
        crm_array_sort(found, xpath_order);
    }

    spent = rc == CRM_ELIMIT ? rc
            : crm_deluge_spend(call->run, call->place, xpath.steps);

    return spent == CRM_OK ? rc : spent;
}


/* set: from where it goes, and what it comes to. */
static crm_status_t
xpath_path(xpath_t *xpath, size_t *at, crm_array_t *set)
{
    int           below;
    crm_status_t  rc;

    below = xpath_sign(xpath, at, "//");

    if (below || xpath_sign(xpath, at, "/")) {
        memset(set, 0, sizeof(crm_array_t));
        rc = xpath_add(xpath, set, xpath->document);

        if (rc != CRM_OK) {
            return rc;
        }
    }

    for ( ;; ) {
        rc = below ? xpath_below(xpath, set) : CRM_OK;

        if (rc == CRM_OK) {
            rc = xpath_step(xpath, at, set);
        }

        if (rc != CRM_OK) {
            return rc;
        }

        below = xpath_sign(xpath, at, "//");

        if (!below && !xpath_sign(xpath, at, "/")) {
            return CRM_OK;
        }
    }
}


/* With all that they hold. What has been met is not entered again. */
static crm_status_t
xpath_below(xpath_t *xpath, crm_array_t *set)
{
    size_t             i;
    unsigned           mark;
    crm_array_t        all;
    crm_status_t       rc;
    crm_deluge_xml_t  *node, *top;

    memset(&all, 0, sizeof(crm_array_t));
    mark = ++xpath->mark;
    rc = CRM_OK;

    for (i = 0; i < set->count; i++) {
        top = set->items[i];

        for (node = top; node && rc == CRM_OK; /* void */) {

            if (node->mark != mark) {
                node->mark = mark;
                rc = xpath_add(xpath, &all, node);

                if (node->first) {
                    node = node->first;
                    continue;
                }
            }

            while (node != top && node->next == NULL) {
                node = node->parent;
            }

            node = node == top ? NULL : node->next;
        }
    }

    *set = all;

    return rc;
}


static crm_status_t
xpath_step(xpath_t *xpath, size_t *at, crm_array_t *set)
{
    size_t        i, j, end;
    crm_array_t   all, some;
    crm_status_t  rc;
    xpath_step_t  step;

    rc = xpath_read(xpath, at, &step);
    if (rc != CRM_OK) {
        return rc;
    }

    memset(&all, 0, sizeof(crm_array_t));
    end = *at;

    /* a path that nothing follows is read nevertheless */

    for (i = 0; rc == CRM_OK && (i < set->count || i == 0); i++) {
        memset(&some, 0, sizeof(crm_array_t));
        end = *at;

        if (i < set->count) {
            rc = xpath_take(xpath, &step, set->items[i], &some);
        }

        while (rc == CRM_OK && xpath_sign(xpath, &end, "[")) {
            rc = xpath_predicate(xpath, &end, &some);
        }

        for (j = 0; j < some.count && rc == CRM_OK; j++) {
            rc = xpath_add(xpath, &all, some.items[j]);
        }
    }

    xpath_once(xpath, &all);

    *at = end;
    *set = all;

    return rc;
}


/* Each node once. */
static void
xpath_once(xpath_t *xpath, crm_array_t *set)
{
    size_t             i, n;
    crm_deluge_xml_t  *node;

    xpath->mark++;

    for (i = 0, n = 0; i < set->count; i++) {
        node = set->items[i];

        if (node->mark != xpath->mark) {
            node->mark = xpath->mark;
            set->items[n++] = node;
        }
    }

    set->count = n;
}


static crm_status_t
xpath_read(xpath_t *xpath, size_t *at, xpath_step_t *step)
{
    memset(step, 0, sizeof(xpath_step_t));

    if (xpath_sign(xpath, at, "..")) {
        step->axis = XPATH_PARENT;
        return CRM_OK;
    }

    if (xpath_sign(xpath, at, ".")) {
        step->axis = XPATH_SELF;
        return CRM_OK;
    }

    step->axis = XPATH_CHILD;

    if (xpath_sign(xpath, at, "@")) {
        step->axis = XPATH_ATTRIBUTE;
        return xpath_word(xpath, at, &step->name);
    }

    step->texts = xpath_sign(xpath, at, "text()");
    step->any = !step->texts && xpath_sign(xpath, at, "node()");

    return step->texts || step->any ? CRM_OK
                                    : xpath_word(xpath, at, &step->name);
}


static crm_status_t
xpath_word(xpath_t *xpath, size_t *at, crm_str_t *name)
{
    char    c;
    size_t  i;

    if (xpath_sign(xpath, at, "*")) {
        *name = CRM_STR("*");
        return CRM_OK;
    }

    for (i = *at; i < xpath->path.len; i++) {
        c = xpath->path.data[i];

        if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && c != '_' && c != ':'
            && !((unsigned char) c & 0x80)
            && (i == *at || !((c >= '0' && c <= '9') || c == '-'
                              || c == '.')))
        {
            break;
        }
    }

    if (i == *at) {
        return xpath_bad(xpath, *at);
    }

    *name = crm_str(xpath->path.data + *at, i - *at);
    *at = i;

    return CRM_OK;
}


static crm_status_t
xpath_take(xpath_t *xpath, const xpath_step_t *step, crm_deluge_xml_t *from,
    crm_array_t *set)
{
    crm_status_t       rc;
    crm_deluge_xml_t  *node;

    if (step->axis == XPATH_SELF) {
        return xpath_add(xpath, set, from);
    }

    if (step->axis == XPATH_PARENT) {
        return from->parent ? xpath_add(xpath, set, from->parent) : CRM_OK;
    }

    rc = CRM_OK;

    for (node = step->axis == XPATH_CHILD ? from->first : from->attributes;
         node && rc == CRM_OK; node = node->next)
    {
        rc = xpath_asked(step, node) ? xpath_add(xpath, set, node)
                                     : xpath_pay(xpath);
    }

    return rc;
}


static int
xpath_asked(const xpath_step_t *step, const crm_deluge_xml_t *node)
{
    if (step->any) {
        return 1;
    }

    if (step->texts || node->kind == CRM_DELUGE_X_TEXT) {
        return step->texts && node->kind == CRM_DELUGE_X_TEXT;
    }

    return crm_str_is(step->name, "*") || crm_str_eq(step->name, node->name);
}


/* Those of the set for which it holds stay. */
static crm_status_t
xpath_predicate(xpath_t *xpath, size_t *at, crm_array_t *set)
{
    int           holds;
    size_t        i, n, end;
    crm_status_t  rc;

    if (++xpath->depth > XPATH_NESTING) {
        return xpath_bad(xpath, *at);
    }

    n = 0;
    end = *at;
    rc = set->count ? CRM_OK
         : xpath_holds(xpath, &end, xpath->document, 1, 1, &holds);

    for (i = 0; i < set->count && rc == CRM_OK; i++) {
        end = *at;
        rc = xpath_holds(xpath, &end, set->items[i], i + 1, set->count,
                         &holds);

        if (rc == CRM_OK && holds) {
            set->items[n++] = set->items[i];
        }
    }

    xpath->depth--;

    if (rc == CRM_OK && !xpath_sign(xpath, &end, "]")) {
        rc = xpath_bad(xpath, end);
    }

    set->count = n;
    *at = end;

    return rc;
}


static crm_status_t
xpath_holds(xpath_t *xpath, size_t *at, crm_deluge_xml_t *node, size_t place,
    size_t count, int *holds)
{
    int           not;
    size_t        i, number;
    crm_str_t     literal, text;
    crm_array_t   set;
    crm_status_t  rc;

    if (xpath_sign(xpath, at, "last()")) {
        *holds = place == count;
        return CRM_OK;
    }

    number = 0;

    for (i = *at; i < xpath->path.len && i - *at < 9
                  && xpath->path.data[i] >= '0' && xpath->path.data[i] <= '9';
         i++)
    {
        number = number * 10 + (size_t) (xpath->path.data[i] - '0');
    }

    if (i > *at) {
        *at = i;
        *holds = number == place;
        return CRM_OK;
    }

    memset(&set, 0, sizeof(crm_array_t));
    literal = CRM_STR("");
    rc = xpath_add(xpath, &set, node);

    if (rc == CRM_OK) {
        rc = xpath_path(xpath, at, &set);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    not = xpath_sign(xpath, at, "!=");

    if (!not && !xpath_sign(xpath, at, "=")) {
        *holds = set.count > 0;
        return CRM_OK;
    }

    *holds = 0;
    rc = xpath_literal(xpath, at, &literal);

    for (i = 0; i < set.count && rc == CRM_OK && !*holds; i++) {
        rc = xpath_value(xpath, set.items[i], &text);

        if (rc == CRM_OK) {
            *holds = crm_str_eq(text, literal) != not;
        }
    }

    return rc;
}


static crm_status_t
xpath_literal(xpath_t *xpath, size_t *at, crm_str_t *text)
{
    char         quote;
    const char  *end;

    quote = xpath_sign(xpath, at, "'") ? '\'' : '"';

    if (quote == '"' && !xpath_sign(xpath, at, "\"")) {
        return xpath_bad(xpath, *at);
    }

    text->data = xpath->path.data + *at;
    end = memchr(text->data, quote, xpath->path.len - *at);

    if (end == NULL) {
        return xpath_bad(xpath, *at);
    }

    text->len = (size_t) (end - text->data);
    *at += text->len + 1;

    return CRM_OK;
}


/* All texts that it holds, one behind the other. */
static crm_status_t
xpath_value(xpath_t *xpath, const crm_deluge_xml_t *node, crm_str_t *text)
{
    crm_buf_t                buf;
    crm_status_t             rc;
    const crm_deluge_xml_t  *top;

    if (node->kind == CRM_DELUGE_X_ATTRIBUTE
        || node->kind == CRM_DELUGE_X_TEXT)
    {
        *text = node->text;
        return xpath_pay(xpath);
    }

    if (node->first == node->last
        && (node->first == NULL || node->first->kind == CRM_DELUGE_X_TEXT))
    {
        *text = node->first ? node->first->text : CRM_STR("");
        return xpath_pay(xpath);
    }

    crm_buf_init(&buf, xpath->pool, 0);
    top = node;
    rc = CRM_OK;

    while (node && rc == CRM_OK) {
        rc = xpath_pay(xpath);
        crm_buf_str(&buf, node->text);

        if (node->first) {
            node = node->first;
            continue;
        }

        while (node != top && node->next == NULL) {
            node = node->parent;
        }

        node = node == top ? NULL : node->next;
    }

    *text = crm_buf_view(&buf);

    return rc != CRM_OK || crm_buf_status(&buf) == CRM_OK ? rc
           : crm_deluge_memory(xpath->call->run, xpath->call->place);
}


static crm_status_t
xpath_add(xpath_t *xpath, crm_array_t *set, crm_deluge_xml_t *node)
{
    crm_status_t  rc;

    rc = xpath_pay(xpath);

    return rc != CRM_OK
           || crm_array_push(set, node, xpath->pool) == CRM_OK
           ? rc : crm_deluge_memory(xpath->call->run, xpath->call->place);
}


static crm_status_t
xpath_pay(xpath_t *xpath)
{
    return ++xpath->steps <= crm_deluge_budget(xpath->call->run) ? CRM_OK
           : crm_deluge_spend(xpath->call->run, xpath->call->place,
                              xpath->steps);
}


/* Whether it stands there, passed over. */
static int
xpath_sign(const xpath_t *xpath, size_t *at, const char *s)
{
    size_t  n;

    n = strlen(s);

    while (*at < xpath->path.len && xpath->path.data[*at] == ' ') {
        ++*at;
    }

    if (xpath->path.len - *at < n
        || memcmp(xpath->path.data + *at, s, n) != 0)
    {
        return 0;
    }

    *at += n;

    return 1;
}


static crm_status_t
xpath_bad(xpath_t *xpath, size_t at)
{
    return crm_deluge_throw(xpath->call->run, xpath->call->place,
               "the path cannot be read, at its byte %zu: a name, @name, *,"
               " ., .., text() or [ is expected", at);
}


static int
xpath_order(const void *a, const void *b)
{
    const crm_deluge_xml_t *const  *x = a;
    const crm_deluge_xml_t *const  *y = b;

    return (*x)->order < (*y)->order ? -1 : (*x)->order > (*y)->order;
}
