/*
 * An intent read back. Strict: it comes from a store that others can write to,
 * and what is made of it are jobs.
 */

#include "queue/crm_intent_parse.h"


/* What nginx let through must not fail here, and its budgets can be set: the
 * document's own length is what bounds it. */
#define PARSE_MAX_NODES  ((size_t) -1)
#define PARSE_MAX_DEPTH  4096


static crm_status_t parse_each(crm_intent_parse_t *p, crm_intents_t *intents);
static crm_status_t parse_head(crm_intent_parse_t *p);
static crm_status_t parse_client(crm_intent_parse_t *p);
static crm_status_t parse_chain(crm_intent_parse_t *p);
static crm_status_t parse_names(crm_intent_parse_t *p);


crm_status_t
crm_intent_parse(crm_intents_t *intents, crm_str_t doc, crm_pool_t *pool,
    crm_error_t *err)
{
    crm_record_t        record;
    crm_status_t        rc;
    crm_scan_limits_t   limits;
    crm_intent_parse_t  p;

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
        return crm_intent_member_nomem(&p);
    }

    rc = parse_head(&p);
    if (rc == CRM_OK) {
        rc = parse_names(&p);
    }

    if (rc != CRM_OK || p.version == 2) {
        return rc == CRM_OK ? parse_each(&p, intents) : rc;
    }

    intents->count = 1;

    return crm_intent_parse_record(&p);
}


/* Each begins with what has been read of all. */
static crm_status_t
parse_each(crm_intent_parse_t *p, crm_intents_t *intents)
{
    size_t         n, cursor;
    crm_span_t     list, value;
    crm_intent_t   head;
    crm_record_t   record;
    crm_status_t   rc;

    head = *p->intent;

    rc = crm_intent_member(p, "records", &list);
    if (rc != CRM_OK) {
        return rc;
    }

    n = 0;
    cursor = 0;
    while (list.type == CRM_JSON_ARRAY
           && crm_span_next(list, &cursor, NULL, &value))
    {
        if (value.type != CRM_JSON_OBJECT) {
            return crm_intent_member_wrong(p, "records", "a list of objects");
        }
        n++;
    }

    if (n == 0) {
        return crm_intent_member_wrong(p, "records",
                                       "a list of one record at least");
    }

    intents->items = crm_pool_calloc(p->pool, n, sizeof(crm_intent_t));
    if (intents->items == NULL) {
        return crm_intent_member_nomem(p);
    }

    p->doc = &record;
    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &value)) {
        memset(&record, 0, sizeof(crm_record_t));
        p->intent = &intents->items[intents->count++];
        *p->intent = head;

        rc = crm_intent_member_object(p, &record, value);
        if (rc == CRM_OK) {
            rc = crm_intent_parse_own(p);
        }
        if (rc == CRM_OK) {
            rc = crm_intent_parse_record(p);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
parse_head(crm_intent_parse_t *p)
{
    crm_span_t     value;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    rc = crm_intent_member_integer(p, "v", &p->version);
    if (rc == CRM_OK && p->version != 1 && p->version != 2) {
        return crm_intent_member_wrong(p, "v",
                                       "1 or 2, the versions that are known"
                                       " here");
    }
    if (rc == CRM_OK) {
        rc = crm_intent_member_integer(p, "at", &intent->at_ms);
    }
    if (rc == CRM_OK) {
        rc = crm_intent_member_integer(p, "revision", &intent->revision);
    }
    if (rc == CRM_OK) {
        rc = crm_intent_member(p, "workflow", &value);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    if (value.type != CRM_JSON_TRUE && value.type != CRM_JSON_FALSE) {
        return crm_intent_member_wrong(p, "workflow", "true or false");
    }

    intent->workflow = value.type == CRM_JSON_TRUE;

    return parse_client(p);
}


/* What the client said besides, if anything: told on, not judged again. */
static crm_status_t
parse_client(crm_intent_parse_t *p)
{
    const crm_field_t  *field;

    field = crm_record_field(p->doc, CRM_STR("trigger"));

    if (field) {
        if (field->value.type != CRM_JSON_ARRAY) {
            return crm_intent_member_wrong(p, "trigger", "a list");
        }

        p->intent->trigger = field->value;
    }

    field = crm_record_field(p->doc, CRM_STR("import"));

    if (field) {
        if (field->value.type != CRM_JSON_TRUE) {
            return crm_intent_member_wrong(p, "import", "true, or not there");
        }

        p->intent->import = 1;
    }

    return parse_chain(p);
}


/* Of a write of automation's own. */
static crm_status_t
parse_chain(crm_intent_parse_t *p)
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
        return crm_intent_member_nomem(p);
    }

    rc = crm_chain_decode(chain, field->value, p->pool);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? crm_intent_member_nomem(p)
               : crm_intent_member_wrong(p, "chain", "a chain of rules");
    }

    p->intent->chain = chain;

    return CRM_OK;
}


static crm_status_t
parse_names(crm_intent_parse_t *p)
{
    crm_str_t      text;
    crm_span_t     actor;
    crm_status_t   rc;
    crm_intent_t  *intent;

    intent = p->intent;

    rc = crm_intent_member_text(p, "event", &intent->event);
    if (rc == CRM_OK) {
        rc = crm_intent_member_text(p, "org", &intent->org);
    }
    if (rc == CRM_OK) {
        rc = crm_intent_member_text(p, "dialect", &text);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    intent->speaks = text;
    intent->dialect = crm_dialect_find(text);

    if (text.len == 0) {
        return crm_intent_member_wrong(p, "dialect",
                                       "the name of a dialect, \"zoho\"");
    }

    rc = crm_intent_member(p, "actor", &actor);
    if (rc != CRM_OK) {
        return rc;
    }

    actor = crm_span_member(actor, CRM_STR("id"));

    if (actor.type != CRM_JSON_STRING) {
        return crm_intent_member_wrong(p, "actor",
                                       "an object with the text \"id\"");
    }

    intent->actor_id = crm_span_text(actor, p->pool);

    return intent->actor_id.data ? CRM_OK : crm_intent_member_nomem(p);
}
