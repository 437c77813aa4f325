/*
 * Whose turn it is.
 */

#include "crm_worker_record_turn.h"


crm_worker_ask_t *
crm_worker_record_turn_ask(crm_worker_link_t *link,
    const crm_worker_job_t *job, const crm_worker_record_job_t *record,
    crm_worker_ask_done_pt done, void *data, crm_worker_outcome_t *outcome)
{
    crm_cmd_t         *cmd;
    crm_pool_t        *pool;
    crm_worker_ask_t  *ask;

    pool = crm_pool_create(crm_host_malloc(), 0);
    cmd = pool ? crm_cmd_turn(pool, job->org, job->lease, record->turn,
                              (long long) record->n_users) : NULL;

    ask = crm_worker_ask(link, pool, cmd, done, data);

    if (ask == NULL) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_TURN,
                               "Redis cannot be asked whose turn it is");
        outcome->busy_ms = CRM_WORKER_RECORD_TURN_MS;
    }

    return ask;
}


int
crm_worker_record_turn_set(crm_worker_record_job_t *record, crm_pool_t *pool,
    const crm_reply_t *reply, crm_worker_outcome_t *outcome)
{
    long long      n;
    crm_str_t      owner;
    crm_error_t    err;
    crm_settle_t   settle;
    crm_status_t   rc;

    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_TURN,
                           "Redis did not say whose turn it is");
    outcome->busy_ms = CRM_WORKER_RECORD_TURN_MS;

    if (reply == NULL) {
        return 0;
    }

    rc = crm_take_turn(&settle, &n, (long long) record->n_users, reply, &err);

    if (rc != CRM_OK) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_TURN,
                               err.text);
        return 0;
    }

    if (settle == CRM_SETTLE_STALE) {
        return 0;               /* settling will be told the same */
    }

    owner = crm_worker_record_user(record, (size_t) n, pool);

    if (owner.data == NULL) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return 0;
    }

    if (owner.len == 0) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB,
                               "action.turn.users must be a list of texts");
        return 0;
    }

    record->write.owner = owner;

    return 1;
}
