/*
 * A waiting job read back. Strict: it has lain in a store that others can
 * write to, perhaps for years.
 */

#include "queue/crm_waiting.h"

#include <limits.h>
#include <stddef.h>

#include "base/crm_limits.h"


/* What was stored must not fail here: its own length is what bounds it. */
#define PARSE_MAX_NODES  ((size_t) -1)
#define PARSE_MAX_DEPTH  4096

typedef struct {
    crm_waiting_t      *waiting;
    const crm_record_t *doc;
    crm_span_t          waits;
    crm_pool_t         *pool;
    crm_error_t        *err;
} parse_t;


static crm_status_t parse_texts(parse_t *p);
static crm_status_t parse_waits(parse_t *p);
static crm_status_t parse_words(parse_t *p);
static crm_status_t parse_process(parse_t *p);
static crm_status_t parse_chain(parse_t *p);
static crm_status_t parse_before(parse_t *p);
static crm_status_t parse_text(parse_t *p, const char *name, crm_span_t value,
    crm_str_t *text);
static crm_status_t parse_integer(parse_t *p, const char *name,
    crm_span_t value, long long min, long long max, long long *n);
static crm_span_t parse_member(const parse_t *p, const char *name);
static crm_status_t parse_wrong(parse_t *p, const char *name,
    const char *what);


crm_status_t
crm_waiting_parse(crm_waiting_t *waiting, crm_str_t doc, crm_pool_t *pool,
    crm_error_t *err)
{
    parse_t            p;
    long long          revision;
    crm_record_t       record;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    memset(waiting, 0, sizeof(crm_waiting_t));

    limits.max_nodes = PARSE_MAX_NODES;
    limits.max_depth = PARSE_MAX_DEPTH;

    rc = crm_record_parse(&record, doc, &limits, pool, err);
    if (rc != CRM_OK) {
        return rc;
    }

    p.waiting = waiting;
    p.doc = &record;
    p.pool = pool;
    p.err = err;
    p.waits = parse_member(&p, "waits");

    if (p.waits.type != CRM_JSON_OBJECT) {
        return parse_wrong(&p, "waits", "an object");
    }

    rc = parse_texts(&p);
    if (rc == CRM_OK) {
        rc = parse_integer(&p, "revision", parse_member(&p, "revision"), 0,
                           LLONG_MAX, &revision);
    }
    if (rc == CRM_OK) {
        waiting->revision = revision;
        rc = parse_waits(&p);
    }
    if (rc == CRM_OK) {
        rc = parse_words(&p);
    }

    if (rc == CRM_OK) {
        rc = parse_chain(&p);
    }

    return rc == CRM_OK ? parse_before(&p) : rc;
}


/* That of the job, which its own rule ends: the write's is one rule shorter. */
static crm_status_t
parse_chain(parse_t *p)
{
    crm_chain_t   *chain;
    crm_status_t   rc;

    chain = crm_pool_calloc(p->pool, 1, sizeof(crm_chain_t));
    rc = chain ? crm_chain_decode(chain, parse_member(p, "chain"), p->pool)
               : CRM_ENOMEM;

    if (rc == CRM_ENOMEM) {
        return crm_error_set(p->err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    if (rc != CRM_OK || chain->fired_count == 0) {
        return parse_wrong(p, "chain", "a chain of rules");
    }

    chain->fired_count--;
    p->waiting->chain = chain->depth ? chain : NULL;

    return CRM_OK;
}


static crm_status_t
parse_texts(parse_t *p)
{
    size_t          i;
    crm_str_t      *text;
    crm_status_t    rc;
    crm_waiting_t  *w;

    static const struct {
        const char  *name;
        size_t       at;
    } texts[] = {
        { "id", offsetof(crm_waiting_t, id) },
        { "event", offsetof(crm_waiting_t, event) },
        { "org", offsetof(crm_waiting_t, org) },
        { "module", offsetof(crm_waiting_t, module) },
        { "record_id", offsetof(crm_waiting_t, record_id) },
        { "rule", offsetof(crm_waiting_t, rule) },
    };

    w = p->waiting;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        text = (crm_str_t *) (void *) ((char *) w + texts[i].at);

        rc = parse_text(p, texts[i].name, parse_member(p, texts[i].name),
                        text);
        if (rc != CRM_OK) {
            return rc;
        }

        if (text->len == 0 && text != &w->record_id) {
            return parse_wrong(p, texts[i].name, "a text that is not empty");
        }
    }

    if (w->module.len > CRM_MAX_MODULE_NAME
        || memchr(w->module.data, '/', w->module.len))
    {
        return parse_wrong(p, "module", "the name of a CRM module");
    }

    return CRM_OK;
}


static crm_status_t
parse_waits(parse_t *p)
{
    size_t          i;
    unsigned       *number;
    long long       n;
    crm_span_t      value;
    crm_status_t    rc;
    crm_waiting_t  *w;

    static const struct {
        const char  *name;
        size_t       at;
        long long    min;
        long long    max;
    } numbers[] = {
        { "condition", offsetof(crm_waiting_t, condition), 1, INT_MAX },
        { "block", offsetof(crm_waiting_t, block), 0, CRM_MAX_SCHEDULED },
        { "action", offsetof(crm_waiting_t, action), 1, INT_MAX },
    };

    w = p->waiting;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        rc = parse_integer(p, numbers[i].name,
                           crm_span_member(p->waits,
                                           crm_strz(numbers[i].name)),
                           numbers[i].min, numbers[i].max, &n);
        if (rc != CRM_OK) {
            return rc;
        }

        number = (unsigned *) (void *) ((char *) w + numbers[i].at);
        *number = (unsigned) n;
    }

    value = crm_span_member(p->waits, CRM_STR("recheck"));

    if (value.type != CRM_JSON_TRUE && value.type != CRM_JSON_FALSE) {
        return parse_wrong(p, "waits.recheck", "true or false");
    }

    w->recheck = value.type == CRM_JSON_TRUE;

    return parse_integer(p, "due", crm_span_member(p->waits, CRM_STR("due")),
                         0, LLONG_MAX, &w->due_ms);
}


static crm_status_t
parse_words(parse_t *p)
{
    int             op;
    crm_str_t       text;
    crm_span_t      actor;
    crm_status_t    rc;
    crm_waiting_t  *w;

    w = p->waiting;

    rc = parse_text(p, "operation",
                    crm_span_member(p->waits, CRM_STR("operation")), &text);
    if (rc != CRM_OK) {
        return rc;
    }

    for (op = CRM_OP_CREATE; op <= CRM_OP_DELETE; op++) {
        if (crm_str_is(text, crm_operation_name((crm_operation_t) op))) {
            w->operation = (crm_operation_t) op;
        }
    }

    if (w->operation == CRM_OP_NONE) {
        return parse_wrong(p, "waits.operation", "create, update or delete");
    }

    rc = parse_text(p, "dialect",
                    crm_span_member(p->waits, CRM_STR("dialect")), &text);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = parse_process(p);
    if (rc != CRM_OK) {
        return rc;
    }

    w->speaks = text;
    w->dialect = crm_dialect_find(text);

    if (text.len == 0) {
        return parse_wrong(p, "waits.dialect", "the name of a dialect,"
                           " \"zoho\"");
    }

    actor = parse_member(p, "actor");
    actor = actor.type == CRM_JSON_OBJECT
            ? crm_span_member(actor, CRM_STR("id")) : actor;

    return parse_text(p, "actor.id", actor, &w->actor_id);
}


/* Whose action it is, if not a workflow rule's. */
static crm_status_t
parse_process(parse_t *p)
{
    crm_str_t     process, stage;
    crm_span_t    value;
    crm_step_t    step;
    crm_status_t  rc;

    value = crm_span_member(p->waits, CRM_STR("process"));

    if (value.type == CRM_JSON_NONE) {
        return CRM_OK;
    }

    rc = parse_text(p, "process", value, &process);
    if (rc == CRM_OK) {
        rc = parse_text(p, "stage", crm_span_member(p->waits,
                                                    CRM_STR("stage")),
                        &stage);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    if (crm_step_find(&step, process, stage) != CRM_OK) {
        return parse_wrong(p, "waits.process", "a known one");
    }

    p->waiting->process = step.process;
    p->waiting->stage = step.stage;

    return CRM_OK;
}


/* The record as it was: the last there was of one that is deleted. */
static crm_status_t
parse_before(parse_t *p)
{
    crm_span_t          value;
    crm_record_t       *record;
    crm_scan_limits_t   limits;

    value = parse_member(p, "before");

    if (value.type == CRM_JSON_NULL
        && p->waiting->operation != CRM_OP_DELETE)
    {
        return CRM_OK;
    }

    if (value.type != CRM_JSON_OBJECT) {
        return parse_wrong(p, "before", "an object, or null but on delete");
    }

    record = crm_pool_calloc(p->pool, 1, sizeof(crm_record_t));
    if (record == NULL) {
        return crm_error_set(p->err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                             "out of memory");
    }

    p->waiting->before = record;

    limits.max_nodes = PARSE_MAX_NODES;
    limits.max_depth = PARSE_MAX_DEPTH;

    return crm_record_parse(record, crm_span_raw(value), &limits, p->pool,
                            p->err);
}


static crm_status_t
parse_text(parse_t *p, const char *name, crm_span_t value, crm_str_t *text)
{
    if (value.type != CRM_JSON_STRING) {
        return parse_wrong(p, name, "a text");
    }

    *text = crm_span_text(value, p->pool);

    return text->data ? CRM_OK
                      : crm_error_set(p->err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                                      "out of memory");
}


static crm_status_t
parse_integer(parse_t *p, const char *name, crm_span_t value, long long min,
    long long max, long long *n)
{
    size_t  i;

    /* no time, revision or place has more digits */

    if (value.type != CRM_JSON_NUMBER || value.len > 18) {
        return parse_wrong(p, name, "a whole number");
    }

    *n = 0;

    for (i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            return parse_wrong(p, name, "a whole number");
        }

        *n = *n * 10 + (value.data[i] - '0');
    }

    return *n >= min && *n <= max ? CRM_OK
                                  : parse_wrong(p, name, "a possible one");
}


/* Of type NONE if it is not there. */
static crm_span_t
parse_member(const parse_t *p, const char *name)
{
    crm_span_t          none;
    const crm_field_t  *field;

    memset(&none, 0, sizeof(crm_span_t));

    field = crm_record_field(p->doc, crm_strz(name));

    return field ? field->value : none;
}


static crm_status_t
parse_wrong(parse_t *p, const char *name, const char *what)
{
    return crm_error_set(p->err, CRM_EINVAL, CRM_NO_OFFSET, name,
                         "\"%s\" of a waiting job must be %s", name, what);
}
