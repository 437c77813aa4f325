/*
 * One claimed intent on its way to its end.
 */

#include "crm_worker_settle.h"

#include "crm_worker_log.h"

#include <stdio.h>


static int   settle_parse(crm_worker_claim_t *claim);
static void  settle_ruled(void *data, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text);
static void  settle_dialect(crm_worker_claim_t *claim);
static void  settle_read(crm_worker_claim_t *claim);
static void  settle_answered(void *data, const crm_worker_outcome_t *outcome);
static void  settle_unread(crm_worker_claim_t *claim, const char *why);
static void  settle_decide(crm_worker_claim_t *claim);

static void  settle_end(crm_worker_claim_t *claim, crm_settled_t how,
    const char *reason);
static void  settle_follow(crm_worker_claim_t *claim);
static crm_status_t  settle_events(crm_worker_claim_t *claim,
    crm_error_t *err);
static crm_status_t  settle_event(crm_worker_claim_t *claim, size_t i,
    crm_event_t **event, crm_error_t *err);
static void  settle_ended(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  settle_log(const crm_worker_claim_t *claim, const char *status);
static void  settle_finish(crm_worker_claim_t *claim);


void
crm_worker_settle_run(const crm_worker_settle_t *settle,
    crm_worker_claim_t *claim)
{
    claim->settle = settle;
    claim->starting = 1;

    if (settle_parse(claim)) {
        claim->wait = crm_worker_rules_get(settle->rules, claim->org,
                                           claim->intents.items[0].revision,
                                           settle_ruled, claim);
    }

    claim->starting = 0;

    if (claim->finished) {
        settle->finished(settle->data, claim);
    }
}


int
crm_worker_settle_reads(const crm_worker_claim_t *claim)
{
    return claim->wait != NULL || claim->call != NULL;
}


void
crm_worker_settle_abandon(crm_worker_claim_t *claim)
{
    if (claim->wait != NULL) {
        crm_worker_rules_cancel(claim->wait);
        claim->wait = NULL;
        settle_finish(claim);

    } else if (claim->call != NULL) {
        crm_worker_http_cancel(claim->call);
        claim->call = NULL;
        settle_finish(claim);
    }
}


/* 0: it cannot be read, and has its end. */
static int
settle_parse(crm_worker_claim_t *claim)
{
    char          reason[320];
    size_t        i;
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_intent_parse(&claim->intents, claim->claimed.doc, claim->pool,
                          &err);

    for (i = 0; rc == CRM_OK && i < claim->intents.count; i++) {
        claim->intents.items[i].begun_ms = claim->claimed.begun_ms;
    }

    if (rc == CRM_OK) {
        rc = crm_settle_many_init(&claim->many, &claim->intents,
                                  claim->pool);
    }

    if (rc == CRM_OK) {
        return 1;
    }

    if (rc == CRM_ENOMEM) {
        settle_end(claim, CRM_SETTLED_UNREADABLE, "out of memory");
        return 0;
    }

    snprintf(reason, sizeof(reason), "the intent cannot be read: %s",
             err.text);
    settle_end(claim, CRM_SETTLED_UNDETERMINED, reason);

    return 0;
}


/* Rules that are gone stay gone; those that do not compile here may do so in
 * another worker. */
static void
settle_ruled(void *data, crm_worker_rules_status_t status,
    crm_worker_revision_t *revision, const char *text)
{
    crm_worker_claim_t  *claim;

    claim = data;
    claim->wait = NULL;
    claim->revision = revision;

    switch (status) {

    case CRM_WORKER_RULES_OK:
        settle_dialect(claim);
        return;

    case CRM_WORKER_RULES_MISSING:
        settle_end(claim, CRM_SETTLED_UNDETERMINED, text);
        return;

    default:
        settle_end(claim, CRM_SETTLED_UNREADABLE, text);
        return;
    }
}


/* That of the rules that judged; else that of those of now, which people can
 * still change. */
static void
settle_dialect(crm_worker_claim_t *claim)
{
    char       reason[256];
    crm_str_t  name;

    if (crm_intents_dialect(&claim->intents, claim->revision->set) == CRM_OK
        || (claim->current != NULL
            && crm_intents_dialect(&claim->intents, claim->current->set)
               == CRM_OK))
    {
        settle_read(claim);
        return;
    }

    name = claim->intents.items[0].speaks;

    snprintf(reason, sizeof(reason), "the dialect \"%.*s\" is neither built "
             "in nor among the rules: apply its file with them",
             (int) (name.len < 100 ? name.len : 100), name.data);
    settle_end(claim, CRM_SETTLED_UNREADABLE, reason);
}


static void
settle_read(crm_worker_claim_t *claim)
{
    crm_str_t                     path;
    const char                   *reason;
    crm_settled_t                 how;
    crm_worker_outcome_t          outcome;
    const crm_worker_settle_t    *settle;
    crm_worker_dispatch_tools_t  *tools;

    settle = claim->settle;
    tools = settle->tools;

    switch (crm_settle_many_next(&claim->many, &path)) {

    case CRM_OK:
        break;

    case CRM_DECLINED:
        crm_settle_many_end(&claim->many, &how, &reason);
        settle_end(claim, how, reason);
        return;

    default:
        settle_end(claim, CRM_SETTLED_UNREADABLE, "out of memory");
        return;
    }

    crm_worker_answer_init(&claim->answer, claim->pool,
                           CRM_WORKER_BACKEND_MAX_ANSWER);

    claim->call = crm_worker_backend_get(&claim->backend, &tools->http,
                                         &tools->secrets, path,
                                         settle->timeout_ms, &claim->answer,
                                         settle_answered, claim, &outcome);
    if (claim->call == NULL) {
        settle_unread(claim, outcome.reason);
    }
}


static void
settle_answered(void *data, const crm_worker_outcome_t *outcome)
{
    crm_worker_claim_t  *claim;

    claim = data;
    claim->call = NULL;

    if (outcome->verdict != CRM_WORKER_DELIVERED) {
        settle_unread(claim, outcome->reason);

    } else if (claim->answer.encoded) {
        settle_unread(claim, "its answer is compressed");

    } else {
        settle_decide(claim);
    }
}


static void
settle_unread(crm_worker_claim_t *claim, const char *why)
{
    char  reason[256];

    snprintf(reason, sizeof(reason), "the backend cannot be read: %s", why);
    settle_end(claim, CRM_SETTLED_UNREADABLE, reason);
}


static void
settle_decide(crm_worker_claim_t *claim)
{
    crm_settle_answer_t  answer;

    answer.status = claim->answer.status;
    answer.body = crm_buf_view(&claim->answer.body);
    answer.event = claim->answer.event.data ? claim->answer.event
                                            : CRM_STR("");

    if (crm_settle_many_answer(&claim->many, &answer,
                               claim->claimed.max_time_ms, NULL)
        != CRM_OK)
    {
        settle_end(claim, CRM_SETTLED_UNREADABLE, "out of memory");
        return;
    }

    settle_read(claim);
}


/* What it comes to is known; Redis is told. */
static void
settle_end(crm_worker_claim_t *claim, crm_settled_t how, const char *reason)
{
    crm_pool_t                 *pool;
    const crm_worker_settle_t  *settle;

    settle = claim->settle;
    claim->how = how;
    snprintf(claim->reason, sizeof(claim->reason), "%s", reason);

    if (how == CRM_SETTLED_COMMITTED) {
        settle_follow(claim);
    }

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL
        || crm_worker_link_send(settle->tools->link, pool,
                                crm_worker_claim_command(claim, pool),
                                settle_ended, claim)
           != CRM_OK)
    {
        crm_worker_log(CRM_WORKER_LOG_WARN, "recover: redis cannot be told, "
                       "it comes due again, org:%s event:%s", claim->org.data,
                       claim->claimed.event.data);
        settle_finish(claim);
    }
}


/* What is known to be done but not what it leads to is for people. */
static void
settle_follow(crm_worker_claim_t *claim)
{
    crm_error_t  err;

    switch (settle_events(claim, &err)) {

    case CRM_OK:
        return;

    case CRM_ENOMEM:
        claim->how = CRM_SETTLED_UNREADABLE;
        snprintf(claim->reason, sizeof(claim->reason), "out of memory");
        return;

    default:
        claim->how = CRM_SETTLED_UNDETERMINED;
        snprintf(claim->reason, sizeof(claim->reason), "committed, but what "
                 "follows is not known: %s", err.text);
        return;
    }
}


/* Of the records that were written, what follows. */
static crm_status_t
settle_events(crm_worker_claim_t *claim, crm_error_t *err)
{
    size_t               i, n;
    crm_status_t         rc;
    crm_settling_t       settling;
    crm_settled_item_t  *items;

    n = 0;
    items = crm_pool_calloc(claim->pool, claim->intents.count,
                            sizeof(crm_settled_item_t));
    if (items == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < claim->intents.count; i++) {
        if (claim->many.items[i].how != CRM_SETTLED_COMMITTED) {
            continue;
        }

        rc = settle_event(claim, i, &items[n].event, err);
        if (rc != CRM_OK) {
            return rc;
        }

        items[n++].record_id = claim->many.items[i].record_id;
    }

    memset(&settling, 0, sizeof(settling));
    settling.items = items;
    settling.count = n;
    settling.leased = claim->claimed.records;
    settling.n_leased = claim->claimed.n_records;

    return crm_settling_commit(&settling, &claim->commit, claim->pool);
}


/* The event as the request had it. */
static crm_status_t
settle_event(crm_worker_claim_t *claim, size_t i, crm_event_t **event,
    crm_error_t *err)
{
    crm_write_t         *write;
    crm_status_t         rc;
    const crm_intent_t  *intent;
    crm_intent_since_t   since;

    intent = &claim->intents.items[i];

    *event = crm_pool_alloc(claim->pool, sizeof(crm_event_t));
    write = crm_pool_alloc(claim->pool, sizeof(crm_write_t));
    if (*event == NULL || write == NULL) {
        return CRM_ENOMEM;
    }

    memset(&since, 0, sizeof(since));
    since.lapsed = claim->claimed.lapsed;

    rc = crm_intent_restore(*event, write, intent, claim->revision->set,
                            &since, claim->pool, err);

    return rc == CRM_OK && intent->operation != CRM_OP_CREATE
           ? crm_event_finish(*event, intent->record_id) : rc;
}


static void
settle_ended(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    const char          *status;
    crm_error_t          err;
    crm_worker_claim_t  *claim;

    (void) pool;

    claim = data;

    if (reply == NULL) {
        crm_worker_log(CRM_WORKER_LOG_WARN, "recover: redis went away, what "
                       "has not ended comes due again, org:%s event:%s",
                       claim->org.data, claim->claimed.event.data);

    } else if (crm_worker_claim_ended(&status, claim, reply, &err) != CRM_OK) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "recover: redis refuses an end, "
                       "it comes due again, org:%s event:%s: %s",
                       claim->org.data, claim->claimed.event.data, err.text);
    } else {
        settle_log(claim, status);
    }

    settle_finish(claim);
}


static void
settle_log(const crm_worker_claim_t *claim, const char *status)
{
    char                     retry[48], more[32];
    crm_str_t                id;
    crm_intent_t             intent;
    crm_worker_log_level_t   level;

    retry[0] = '\0';
    more[0] = '\0';
    level = CRM_WORKER_LOG_NOTICE;
    memset(&intent, 0, sizeof(intent));
    id = CRM_STR_NULL;

    if (claim->intents.count) {
        intent = claim->intents.items[0];
        id = claim->many.items && claim->many.items[0].record_id.data
             ? claim->many.items[0].record_id : intent.record_id;
    }

    if (claim->intents.count > 1) {
        snprintf(more, sizeof(more), " records:%lu",
                 (unsigned long) claim->intents.count);
    }

    if (claim->how == CRM_SETTLED_UNDETERMINED) {
        level = CRM_WORKER_LOG_ERROR;

    } else if (claim->how == CRM_SETTLED_UNREADABLE) {
        level = CRM_WORKER_LOG_WARN;
        snprintf(retry, sizeof(retry), " retry_in_ms:%lld",
                 (long long) crm_worker_claim_delay_ms(claim));
    }

    crm_worker_log(level, "recover: %s%s%s, org:%s event:%s operation:%s "
                   "record:\"%.*s/%.*s\"%s jobs:%lu reason:\"%s\"%s",
                   crm_settle_name(claim->how), status[0] ? ", " : "", status,
                   claim->org.data, claim->claimed.event.data,
                   crm_operation_name(intent.operation),
                   (int) intent.module.len, intent.module.data,
                   (int) id.len, id.data, more,
                   (unsigned long) claim->commit.n_jobs, claim->reason,
                   retry);
}


/* Not before the one who runs it has returned. */
static void
settle_finish(crm_worker_claim_t *claim)
{
    const crm_worker_settle_t  *settle;

    settle = claim->settle;
    claim->finished = 1;

    if (!claim->starting) {
        settle->finished(settle->data, claim);
    }
}
