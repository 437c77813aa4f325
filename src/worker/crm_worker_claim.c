/*
 * An intent that this worker has claimed.
 */

#include "crm_worker_claim.h"


static int  claim_copy(crm_str_t *to, crm_str_t from, crm_pool_t *pool);
static int  claim_records(crm_worker_claim_t *claim,
    const crm_claim_t *claimed);
static int  claim_backend(crm_worker_claim_t *claim,
    const crm_worker_backend_t *backend);
static crm_cmd_t *claim_commit(const crm_worker_claim_t *claim,
    crm_pool_t *pool);
static crm_cmd_t *claim_abort(const crm_worker_claim_t *claim,
    crm_pool_t *pool);


crm_worker_claim_t *
crm_worker_claim_create(crm_str_t org, const crm_claim_t *claimed,
    const crm_worker_backend_t *backend)
{
    crm_pool_t          *pool;
    crm_worker_claim_t  *claim;

    pool = crm_pool_create(crm_host_malloc(), 0);
    claim = pool ? crm_pool_calloc(pool, 1, sizeof(*claim)) : NULL;

    if (claim == NULL) {
        crm_pool_destroy(pool);
        return NULL;
    }

    claim->pool = pool;
    claim->claimed = *claimed;

    if (!claim_copy(&claim->org, org, pool)
        || !claim_copy(&claim->claimed.event, claimed->event, pool)
        || !claim_copy(&claim->claimed.doc, claimed->doc, pool)
        || !claim_records(claim, claimed)
        || !claim_backend(claim, backend))
    {
        crm_pool_destroy(pool);
        return NULL;
    }

    return claim;
}


void
crm_worker_claim_destroy(crm_worker_claim_t *claim)
{
    if (claim->revision != NULL) {
        crm_worker_rules_release(claim->revision);
    }

    if (claim->current != NULL) {
        crm_worker_rules_release(claim->current);
    }

    crm_pool_destroy(claim->pool);
}


crm_cmd_t *
crm_worker_claim_command(const crm_worker_claim_t *claim, crm_pool_t *pool)
{
    crm_cmd_claimed_t  claimed;

    claimed.org = claim->org;
    claimed.event = claim->claimed.event;
    claimed.fence = claim->claimed.fence;
    claimed.records = claim->claimed.records;
    claimed.n_records = claim->claimed.n_records;
    claimed.reason = crm_strz(claim->reason);

    switch (claim->how) {

    case CRM_SETTLED_COMMITTED:
        return claim_commit(claim, pool);

    case CRM_SETTLED_NOT_COMMITTED:
        return claim_abort(claim, pool);

    case CRM_SETTLED_UNDETERMINED:
        return crm_cmd_undetermined(pool, &claimed);

    default:
        return crm_cmd_postpone(pool, &claimed,
                                crm_worker_claim_delay_ms(claim));
    }
}


crm_status_t
crm_worker_claim_ended(const char **status, const crm_worker_claim_t *claim,
    const crm_reply_t *reply, crm_error_t *err)
{
    crm_commit_t          commit;
    crm_status_t          rc;
    crm_abort_status_t    abort;
    crm_recover_status_t  other;

    *status = "";

    switch (claim->how) {

    case CRM_SETTLED_COMMITTED:
        rc = crm_state_commit(&commit, reply, err);

        if (rc == CRM_OK && commit.status != CRM_COMMIT_OK) {
            *status = commit.status == CRM_COMMIT_STALE ? "stale"
                      : commit.status == CRM_COMMIT_DONE ? "done before"
                      : "late";
        }

        return rc;

    case CRM_SETTLED_NOT_COMMITTED:
        rc = crm_state_abort(&abort, reply, err);

        if (rc == CRM_OK && abort != CRM_ABORT_OK) {
            *status = abort == CRM_ABORT_STALE ? "stale" : "done before";
        }

        return rc;

    default:
        rc = crm_recover_status(&other, reply, err);

        if (rc == CRM_OK && other == CRM_RECOVER_STALE) {
            *status = "stale";
        }

        return rc;
    }
}


/* Each claim makes the fence one more. */
int64_t
crm_worker_claim_delay_ms(const crm_worker_claim_t *claim)
{
    int64_t    delay_ms;
    long long  i;

    delay_ms = CRM_WORKER_CLAIM_WAIT_MS;

    for (i = 1; i < claim->claimed.fence
                && delay_ms < CRM_WORKER_CLAIM_WAIT_MAX_MS; i++)
    {
        delay_ms *= 2;
    }

    return delay_ms < CRM_WORKER_CLAIM_WAIT_MAX_MS
           ? delay_ms : CRM_WORKER_CLAIM_WAIT_MAX_MS;
}


static int
claim_copy(crm_str_t *to, crm_str_t from, crm_pool_t *pool)
{
    *to = crm_pool_dup(pool, from);

    return to->data != NULL;
}


static int
claim_records(crm_worker_claim_t *claim, const crm_claim_t *claimed)
{
    size_t              i;
    crm_record_name_t  *records;

    records = crm_pool_calloc(claim->pool, claimed->n_records + 1,
                              sizeof(crm_record_name_t));
    if (records == NULL) {
        return 0;
    }

    for (i = 0; i < claimed->n_records; i++) {
        if (!claim_copy(&records[i].module, claimed->records[i].module,
                        claim->pool)
            || !claim_copy(&records[i].id, claimed->records[i].id,
                           claim->pool))
        {
            return 0;
        }
    }

    claim->claimed.records = records;

    return 1;
}


/* The rules that it stands in may be others before it is asked. */
static int
claim_backend(crm_worker_claim_t *claim, const crm_worker_backend_t *backend)
{
    size_t                 i;
    crm_backend_header_t  *headers;

    headers = crm_pool_calloc(claim->pool, backend->n_headers + 1,
                              sizeof(crm_backend_header_t));

    if (headers == NULL
        || !claim_copy(&claim->backend.url, backend->url, claim->pool))
    {
        return 0;
    }

    for (i = 0; i < backend->n_headers; i++) {
        if (!claim_copy(&headers[i].name, backend->headers[i].name,
                         claim->pool)
            || !claim_copy(&headers[i].secret, backend->headers[i].secret,
                            claim->pool))
        {
            return 0;
        }
    }

    claim->backend.headers = headers;
    claim->backend.n_headers = backend->n_headers;

    return 1;
}


static crm_cmd_t *
claim_commit(const crm_worker_claim_t *claim, crm_pool_t *pool)
{
    crm_cmd_commit_t  commit;

    commit = claim->commit;
    commit.org = claim->org;
    commit.event = claim->claimed.event;
    commit.fence = claim->claimed.fence;

    return crm_cmd_commit(pool, &commit);
}


static crm_cmd_t *
claim_abort(const crm_worker_claim_t *claim, crm_pool_t *pool)
{
    crm_cmd_abort_t  abort;

    memset(&abort, 0, sizeof(abort));

    abort.org = claim->org;
    abort.event = claim->claimed.event;
    abort.fence = claim->claimed.fence;
    abort.records = claim->claimed.records;
    abort.n_records = claim->claimed.n_records;

    return crm_cmd_abort(pool, &abort);
}
