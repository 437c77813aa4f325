/*
 * An intent: all that is needed to settle a write without its request.
 *
 * It is written before the backend sees the write and read back by whoever
 * finds it without an outcome. One JSON object, of one record:
 *
 *   {"v":1, "event", "org", "at": ms, "revision", "dialect",
 *    "operation": "create"|"update"|"delete", "module", "record_id": ""|null,
 *    "actor": {"id"}, "workflow": bool,
 *    "trigger": [names],         as the client sent it, if it did
 *    "import": true,             if the client says that it imports
 *    "chain": {…},               if automation writes: state/crm_chain.h
 *    "request": {…}|null,        what the client sent; null on delete
 *    "changes": {field: value},  what rules set in it
 *    "before": {…}|null,         the stored record, see below
 *    "rules": [{"rule": id, "condition": 1..}],   those that fired
 *    "effects": {…},             what approvals and blueprints add, if they
 *                                do: crm_intent_effects.h
 *    "scores": [...],            what it is worth, if rules count that: as the
 *                                trace tells it (crm_score_tell())
 *    "assignment": {…}}          who a created record was assigned to, if a
 *                                rule was asked: crm_intent_assigned.h
 *
 * Of several records, as many as the backend was asked to write:
 *
 *   {"v":2, "event", "org", "at", "revision", "dialect", "actor", "workflow",
 *    "trigger", "import",
 *    "records": [{"operation", "module", "record_id", "request", "changes",
 *                 "before", "rules", "effects", "scores", "assignment"}]}
 *
 * where a record of a request of its own (a composite's) also has "workflow"
 * and "trigger", a list or null, if they are not those above.
 *
 * "before" is null where there was no record, {} where nobody looked
 * (crm_record_source none). It is the whole before-image on delete and where a
 * rule fired, for jobs carry it. Else it is what rules read, what the request
 * writes, and the dialect's version field: what crm_settle.h compares.
 */

#ifndef CRM_INTENT_H
#define CRM_INTENT_H

#include "queue/crm_event.h"


typedef struct {
    crm_str_t  rule;            /* its id */
    unsigned   condition;       /* 1-based */
} crm_intent_rule_t;

/* Strings and records borrow from the document and the pool. */
typedef struct {
    crm_str_t             event;
    crm_str_t             org;
    long long             at_ms;        /* when it was judged */
    long long             begun_ms;     /* the same by Redis' clock, not in
                                           the document: crm_claim_t has it,
                                           who reads sets it; 0: not known */
    long long             revision;     /* that judged it */
    crm_str_t             speaks;       /* the name of its dialect */
    const crm_dialect_t  *dialect;      /* NULL: it is none that is built in,
                                           see crm_intents_dialect() */
    crm_operation_t       operation;
    crm_str_t             module;
    crm_str_t             record_id;    /* empty on create */
    crm_str_t             actor_id;     /* may be empty */
    int                   workflow;
    int                   import;
    const crm_chain_t    *chain;        /* NULL: somebody's own write */
    crm_span_t            trigger;      /* CRM_JSON_NONE: there was none */
    const crm_record_t   *request;      /* NULL on delete */
    const crm_record_t   *before;       /* NULL: there was none; without
                                           fields: nobody looked */
    crm_record_t          changes;      /* no object span of its own */
    crm_intent_rule_t    *rules;
    size_t                rules_count;
    crm_span_t            effects;      /* CRM_JSON_NONE: there are none */
    crm_span_t            assignment;   /* likewise */
    crm_span_t            scores;       /* likewise: a list, or none */
} crm_intent_t;


/* What one document says: of each record, in their order. */
typedef struct {
    crm_intent_t  *items;       /* one at least */
    size_t         count;
} crm_intents_t;


/*
 * Writes the intent of judged events: one at least, all of one request. The
 * writes' dialect must be set. CRM_OK, or as buf fails.
 */
crm_status_t crm_intent_encode(const crm_event_t *const *events, size_t count,
    crm_buf_t *buf);

/*
 * Reads doc, which must outlive intents. Needs no rules: revision, the same in
 * all, says which are needed. CRM_EINVAL with *err naming the member that is
 * missing or of the wrong type; CRM_ELIMIT; CRM_ENOMEM.
 */
crm_status_t crm_intent_parse(crm_intents_t *intents, crm_str_t doc,
    crm_pool_t *pool, crm_error_t *err);

/*
 * Sets the dialect of all to the one that rules know by its name, or that is
 * built in. CRM_DECLINED: there is none of that name, and dialect is as it was.
 */
crm_status_t crm_intents_dialect(crm_intents_t *intents,
    const crm_ruleset_t *rules);

/*
 * What is known of the write besides its intent. All may be zero.
 */
typedef struct {
    const crm_state_t  *state;      /* of the record; NULL: not known */
    int                 lapsed;     /* the lease was lost meanwhile: another
                                       write may have come in between, whose
                                       marks must not be taken away */
} crm_intent_since_t;

/*
 * Makes of intent the write and the event as they were when it was written:
 * rules must be those of intent->revision and outlive both. Nothing is judged
 * again: fired rules and changes are those that intent names. Behind it
 *
 *     crm_event_finish(event, record_id);
 *     crm_plan(&plan, event);
 *
 * give the jobs that the request's own commit would have brought, byte for
 * byte. write and event are zeroed first; since may be NULL. CRM_EINVAL with
 * *err when rules is of another revision or lacks what intent names;
 * CRM_ENOMEM.
 */
crm_status_t crm_intent_restore(crm_event_t *event, crm_write_t *write,
    const crm_intent_t *intent, const crm_ruleset_t *rules,
    const crm_intent_since_t *since, crm_pool_t *pool, crm_error_t *err);

#endif
