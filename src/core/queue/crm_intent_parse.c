/*
 * An intent read back. Strict: it comes from a store that others can write to,
 * and what is made of it are jobs.
 */

#include "queue/crm_intent.h"

#include "base/crm_limits.h"
#include "record/crm_idform.h"


/* What nginx let through must not fail here, and its budgets can be set: the
 * document's own length is what bounds it. */
#define PARSE_MAX_NODES  ((size_t) -1)
#define PARSE_MAX_DEPTH  4096


/* An intent being read. */
typedef struct {
    crm_intent_t       *intent;
    long long           version;
    const crm_record_t *doc;        /* or one of its records */
    crm_pool_t         *pool;
    crm_error_t        *err;
} parse_t;


static crm_status_t parse_each(parse_t *p, crm_intents_t *intents);
static crm_status_t parse_own(parse_t *p);
static crm_status_t parse_one(parse_t *p);
static crm_status_t parse_head(parse_t *p);
static crm_status_t parse_client(parse_t *p);
static crm_status_t parse_chain(parse_t *p);
static crm_status_t parse_names(parse_t *p);
static crm_status_t parse_name(parse_t *p);
static crm_status_t parse_records(parse_t *p);
static crm_status_t parse_rules(parse_t *p);
static crm_status_t parse_rule(parse_t *p, crm_intent_rule_t *rule,
    crm_span_t value);
static crm_status_t parse_effects(parse_t *p);
static crm_status_t parse_whole(parse_t *p);
static crm_status_t parse_member(parse_t *p, const char *name,
    crm_span_t *value);
static crm_status_t parse_text(parse_t *p, const char *name,
    crm_str_t *text);
static crm_status_t parse_integer(parse_t *p, const char *name,
    long long *n);
static crm_status_t parse_record(parse_t *p, const char *name,
    const crm_record_t **record);
static crm_status_t parse_object(parse_t *p, crm_record_t *record,
    crm_span_t value);
static int parse_number(crm_span_t value, long long *n);
static crm_status_t parse_nomem(parse_t *p);
static crm_status_t parse_wrong(parse_t *p, const char *name,
    const char *what);


crm_status_t
crm_intent_parse(crm_intents_t *intents, crm_str_t doc, crm_pool_t *pool,
    crm_error_t *err)
{
    parse_t            p;
    crm_record_t       record;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    memset(intents, 0, sizeof(crm_intents_t));

    limits.max_nodes = PARSE_MAX_NODES;
    limits.max_depth = PARSE_MAX_DEPTH;

    rc = crm_record_parse(&record, doc, &limits, pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    intents->items = crm_pool_calloc(pool, 1, sizeof(crm_intent_t));

    p.intent = intents->items;
    p.doc = &record;
    p.pool = pool;
    p.err = err;

    if (p.intent == NULL) {
        return parse_nomem(&p);
    }

    rc = parse_head(&p);
    if (rc == CRM_OK) {
        rc = parse_names(&p);
    }

    if (rc != CRM_OK || p.version == 2) {
        return rc == CRM_OK ? parse_each(&p, intents) : rc;
    }

    intents->count = 1;

    return parse_one(&p);
}


/* Each begins with what has been read of all. */
static crm_status_t
parse_each(parse_t *p, crm_intents_t *intents)
{
    size_t         n, cursor;
    crm_span_t     list, value;
    crm_intent_t   head;
    crm_record_t   record;
    crm_status_t   rc;

    head = *p->intent;

    rc = parse_member(p, "records", &list);
    if (rc != CRM_OK) {
        return rc;
    }

    n = 0;
    cursor = 0;
    while (list.type == CRM_JSON_ARRAY
           && crm_span_next(list, &cursor, NULL, &value))
    {
        if (value.type != CRM_JSON_OBJECT) {
            return parse_wrong(p, "records", "a list of objects");
        }
        n++;
    }

    if (n == 0) {
        return parse_wrong(p, "records", "a list of one record at least");
    }

    intents->items = crm_pool_calloc(p->pool, n, sizeof(crm_intent_t));
    if (intents->items == NULL) {
        return parse_nomem(p);
    }

    p->doc = &record;
    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &value)) {
        memset(&record, 0, sizeof(crm_record_t));
        p->intent = &intents->items[intents->count++];
        *p->intent = head;

        rc = parse_object(p, &record, value);
        if (rc == CRM_OK) {
            rc = parse_own(p);
        }
        if (rc == CRM_OK) {
            rc = parse_one(p);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* What the client said of this record alone, if anything. */
static crm_status_t
parse_own(parse_t *p)
{
    const crm_field_t  *field;

    field = crm_record_field(p->doc, CRM_STR("workflow"));

    if (field) {
        if (field->value.type != CRM_JSON_TRUE
            && field->value.type != CRM_JSON_FALSE)
        {
            return parse_wrong(p, "workflow", "true or false");
        }

        p->intent->workflow = field->value.type == CRM_JSON_TRUE;
    }

    field = crm_record_field(p->doc, CRM_STR("trigger"));

    if (field) {
        if (field->value.type != CRM_JSON_ARRAY
            && field->value.type != CRM_JSON_NULL)
        {
            return parse_wrong(p, "trigger", "a list, or null");
        }

        memset(&p->intent->trigger, 0, sizeof(crm_span_t));

        if (field->value.type == CRM_JSON_ARRAY) {
            p->intent->trigger = field->value;
        }
    }

    return CRM_OK;
}


static crm_status_t
parse_one(parse_t *p)
{
    crm_status_t  rc;

    rc = parse_name(p);
    if (rc == CRM_OK) {
        rc = parse_records(p);
    }
    if (rc == CRM_OK) {
        rc = parse_rules(p);
    }
    if (rc == CRM_OK) {
        rc = parse_effects(p);
    }

    return rc == CRM_OK ? parse_whole(p) : rc;
}


static crm_status_t
parse_head(parse_t *p)
{
    crm_span_t     value;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    rc = parse_integer(p, "v", &p->version);
    if (rc == CRM_OK && p->version != 1 && p->version != 2) {
        return parse_wrong(p, "v", "1 or 2, the versions that are known here");
    }
    if (rc == CRM_OK) {
        rc = parse_integer(p, "at", &intent->at_ms);
    }
    if (rc == CRM_OK) {
        rc = parse_integer(p, "revision", &intent->revision);
    }
    if (rc == CRM_OK) {
        rc = parse_member(p, "workflow", &value);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    if (value.type != CRM_JSON_TRUE && value.type != CRM_JSON_FALSE) {
        return parse_wrong(p, "workflow", "true or false");
    }

    intent->workflow = value.type == CRM_JSON_TRUE;

    return parse_client(p);
}


/* What the client said besides, if anything: told on, not judged again. */
static crm_status_t
parse_client(parse_t *p)
{
    const crm_field_t  *field;

    field = crm_record_field(p->doc, CRM_STR("trigger"));

    if (field) {
        if (field->value.type != CRM_JSON_ARRAY) {
            return parse_wrong(p, "trigger", "a list");
        }

        p->intent->trigger = field->value;
    }

    field = crm_record_field(p->doc, CRM_STR("import"));

    if (field) {
        if (field->value.type != CRM_JSON_TRUE) {
            return parse_wrong(p, "import", "true, or not there");
        }

        p->intent->import = 1;
    }

    return parse_chain(p);
}


/* Of a write of automation's own. */
static crm_status_t
parse_chain(parse_t *p)
{
    crm_chain_t        *chain;
    crm_status_t        rc;
    const crm_field_t  *field;

    field = crm_record_field(p->doc, CRM_STR("chain"));
    if (field == NULL) {
        return CRM_OK;
    }

    chain = crm_pool_calloc(p->pool, 1, sizeof(crm_chain_t));
    if (chain == NULL) {
        return parse_nomem(p);
    }

    rc = crm_chain_decode(chain, field->value, p->pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? parse_nomem(p)
               : parse_wrong(p, "chain", "a chain of rules");
    }

    p->intent->chain = chain;

    return CRM_OK;
}


static crm_status_t
parse_names(parse_t *p)
{
    crm_str_t      text;
    crm_span_t     actor;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    rc = parse_text(p, "event", &intent->event);
    if (rc == CRM_OK) {
        rc = parse_text(p, "org", &intent->org);
    }
    if (rc == CRM_OK) {
        rc = parse_text(p, "dialect", &text);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    intent->speaks = text;
    intent->dialect = crm_dialect_find(text);

    if (text.len == 0) {
        return parse_wrong(p, "dialect", "the name of a dialect, \"zoho\"");
    }

    rc = parse_member(p, "actor", &actor);
    if (rc != CRM_OK) {
        return rc;
    }

    actor = crm_span_member(actor, CRM_STR("id"));

    if (actor.type != CRM_JSON_STRING) {
        return parse_wrong(p, "actor", "an object with the text \"id\"");
    }

    intent->actor_id = crm_span_text(actor, p->pool);

    return intent->actor_id.data ? CRM_OK : parse_nomem(p);
}


static crm_status_t
parse_name(parse_t *p)
{
    int            op;
    crm_str_t      text;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    rc = parse_text(p, "module", &intent->module);
    if (rc == CRM_OK) {
        rc = parse_text(p, "operation", &text);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    for (op = CRM_OP_CREATE; op <= CRM_OP_DELETE; op++) {
        if (crm_str_is(text, crm_operation_name((crm_operation_t) op))) {
            intent->operation = (crm_operation_t) op;
        }
    }

    return intent->operation == CRM_OP_NONE
           ? parse_wrong(p, "operation", "create, update or delete")
           : CRM_OK;
}


static crm_status_t
parse_records(parse_t *p)
{
    crm_span_t     value;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    intent->record_id = CRM_STR("");

    rc = parse_member(p, "record_id", &value);
    if (rc == CRM_OK && value.type != CRM_JSON_NULL) {
        rc = parse_text(p, "record_id", &intent->record_id);
    }
    if (rc == CRM_OK) {
        rc = parse_record(p, "request", &intent->request);
    }
    if (rc == CRM_OK) {
        rc = parse_record(p, "before", &intent->before);
    }
    if (rc == CRM_OK) {
        rc = parse_member(p, "changes", &value);
    }
    if (rc == CRM_OK && value.type != CRM_JSON_OBJECT) {
        return parse_wrong(p, "changes", "an object");
    }

    return rc == CRM_OK ? parse_object(p, &intent->changes, value) : rc;
}


static crm_status_t
parse_rules(parse_t *p)
{
    size_t         n, cursor;
    crm_span_t     list, value;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    rc = parse_member(p, "rules", &list);
    if (rc != CRM_OK) {
        return rc;
    }

    if (list.type != CRM_JSON_ARRAY) {
        return parse_wrong(p, "rules", "a list");
    }

    n = 0;
    cursor = 0;
    while (crm_span_next(list, &cursor, NULL, &value)) {
        n++;
    }

    intent->rules = crm_pool_calloc(p->pool, n + 1,
                                    sizeof(crm_intent_rule_t));
    if (intent->rules == NULL) {
        return parse_nomem(p);
    }

    cursor = 0;
    while (crm_span_next(list, &cursor, NULL, &value)) {
        rc = parse_rule(p, &intent->rules[intent->rules_count++], value);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* {"rule":"R","condition":1} */
static crm_status_t
parse_rule(parse_t *p, crm_intent_rule_t *rule, crm_span_t value)
{
    long long   n;
    crm_span_t  id;

    if (value.type != CRM_JSON_OBJECT) {
        return parse_wrong(p, "rules", "a list of objects");
    }

    id = crm_span_member(value, CRM_STR("rule"));

    if (id.type != CRM_JSON_STRING
        || !parse_number(crm_span_member(value, CRM_STR("condition")), &n)
        || n < 1 || n > CRM_MAX_CONDITIONS)
    {
        return parse_wrong(p, "rules", "a list of rule, a text, and condition,"
                           " a number from 1");
    }

    rule->condition = (unsigned) n;
    rule->rule = crm_span_text(id, p->pool);

    return rule->rule.data ? CRM_OK : parse_nomem(p);
}


/* Of processes, if there are any: read when the rules are known. */
static crm_status_t
parse_effects(parse_t *p)
{
    const crm_field_t  *field;

    field = crm_record_field(p->doc, CRM_STR("effects"));

    if (field && field->value.type != CRM_JSON_OBJECT) {
        return parse_wrong(p, "effects", "an object");
    }

    if (field) {
        p->intent->effects = field->value;
    }

    return CRM_OK;
}


/* What each operation has and has not. */
static crm_status_t
parse_whole(parse_t *p)
{
    const crm_intent_t  *intent;

    intent = p->intent;

    if (intent->event.len == 0) {
        return parse_wrong(p, "event", "a text that is not empty");
    }

    if (intent->module.len == 0
        || intent->module.len > CRM_MAX_MODULE_NAME
        || memchr(intent->module.data, '/', intent->module.len))
    {
        return parse_wrong(p, "module", "the name of a CRM module");
    }

    if (intent->operation == CRM_OP_CREATE ? intent->record_id.len != 0
        : !crm_idform_is_any(intent->record_id))
    {
        return parse_wrong(p, "record_id",
                           "the id of a record, null on create");
    }

    if ((intent->request == NULL) != (intent->operation == CRM_OP_DELETE)) {
        return parse_wrong(p, "request", "an object, null on delete");
    }

    return CRM_OK;
}


static crm_status_t
parse_member(parse_t *p, const char *name, crm_span_t *value)
{
    const crm_field_t  *field;

    field = crm_record_field(p->doc, crm_strz(name));

    if (field == NULL) {
        return crm_error_set(p->err, CRM_EINVAL, CRM_NO_OFFSET, name,
                             "the intent lacks \"%s\"", name);
    }

    *value = field->value;

    return CRM_OK;
}


static crm_status_t
parse_text(parse_t *p, const char *name, crm_str_t *text)
{
    crm_span_t    value;
    crm_status_t  rc;

    rc = parse_member(p, name, &value);
    if (rc != CRM_OK) {
        return rc;
    }

    if (value.type != CRM_JSON_STRING) {
        return parse_wrong(p, name, "a text");
    }

    *text = crm_span_text(value, p->pool);

    return text->data ? CRM_OK : parse_nomem(p);
}


static crm_status_t
parse_integer(parse_t *p, const char *name, long long *n)
{
    crm_span_t    value;
    crm_status_t  rc;

    rc = parse_member(p, name, &value);
    if (rc != CRM_OK) {
        return rc;
    }

    return parse_number(value, n) ? CRM_OK
                                  : parse_wrong(p, name, "a whole number");
}


/* An object, or NULL for null. */
static crm_status_t
parse_record(parse_t *p, const char *name, const crm_record_t **record)
{
    crm_span_t     value;
    crm_status_t   rc;
    crm_record_t  *read;

    rc = parse_member(p, name, &value);
    if (rc != CRM_OK || value.type == CRM_JSON_NULL) {
        return rc;
    }

    if (value.type != CRM_JSON_OBJECT) {
        return parse_wrong(p, name, "an object or null");
    }

    read = crm_pool_calloc(p->pool, 1, sizeof(crm_record_t));
    if (read == NULL) {
        return parse_nomem(p);
    }

    *record = read;

    return parse_object(p, read, value);
}


/* Has been checked already; what is left are its fields. */
static crm_status_t
parse_object(parse_t *p, crm_record_t *record, crm_span_t value)
{
    size_t        n, cursor;
    crm_span_t    name, member;
    crm_field_t  *field;

    n = 0;
    cursor = 0;
    while (crm_span_next(value, &cursor, &name, &member)) {
        n++;
    }

    record->object = value;
    record->fields = crm_pool_calloc(p->pool, n + 1, sizeof(crm_field_t));
    if (record->fields == NULL) {
        return parse_nomem(p);
    }

    cursor = 0;
    while (crm_span_next(value, &cursor, &name, &member)) {
        field = &record->fields[record->count++];

        field->value = member;
        field->name = crm_span_text(name, p->pool);
        if (field->name.data == NULL) {
            return parse_nomem(p);
        }

        field->hash = crm_str_hash(field->name);
    }

    return CRM_OK;
}


/* Digits, no more than any time or revision has. */
static int
parse_number(crm_span_t value, long long *n)
{
    size_t  i;

    if (value.type != CRM_JSON_NUMBER || value.len > 18) {
        return 0;
    }

    *n = 0;

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return 0;
        }

        *n = *n * 10 + (value.data[i] - '0');
    }

    return 1;
}


static crm_status_t
parse_nomem(parse_t *p)
{
    return crm_error_set(p->err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                         "out of memory");
}


static crm_status_t
parse_wrong(parse_t *p, const char *name, const char *what)
{
    return crm_error_set(p->err, CRM_EINVAL, CRM_NO_OFFSET, name,
                         "\"%s\" of the intent must be %s", name, what);
}
