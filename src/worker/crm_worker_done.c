/*
 * Deliveries that ended well, told to Redis together.
 */

#include "crm_worker_done.h"

#include "crm_worker_log.h"

#include "state/crm_take.h"

#include <stdlib.h>
#include <string.h>


struct crm_worker_done_s {
    uv_prepare_t              prepare;      /* before the loop waits */
    crm_worker_link_t        *link;
    crm_worker_done_pt        told;
    crm_worker_done_entry_t  *waiting;
    unsigned                  asked;        /* scripts without an answer */
};

/* Those of one script; lives in its command's pool. */
typedef struct {
    crm_worker_done_t        *done;
    size_t                    n;
    crm_worker_done_entry_t  *entries[CRM_WORKER_DONE_MAX];
    crm_lease_t               leases[CRM_WORKER_DONE_MAX];
} done_batch_t;


static void  done_flush(uv_prepare_t *prepare);
static void  done_send_all(crm_worker_done_t *done);
static void  done_send_some(crm_worker_done_t *done);
static void  done_collect(crm_worker_done_t *done, done_batch_t *batch);
static void  done_answered(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  done_free(uv_handle_t *handle);


crm_worker_done_t *
crm_worker_done_create(crm_worker_loop_t *loop, crm_worker_link_t *link,
    crm_worker_done_pt told)
{
    crm_worker_done_t  *done;

    done = calloc(1, sizeof(crm_worker_done_t));
    if (done == NULL) {
        return NULL;
    }

    done->link = link;
    done->told = told;

    uv_prepare_init(&loop->uv, &done->prepare);
    done->prepare.data = done;

    return done;
}


void
crm_worker_done_destroy(crm_worker_done_t *done)
{
    uv_close((uv_handle_t *) &done->prepare, done_free);
}


void
crm_worker_done_add(crm_worker_done_t *done, crm_worker_done_entry_t *entry)
{
    entry->next = done->waiting;
    done->waiting = entry;

    uv_prepare_start(&done->prepare, done_flush);
}


int
crm_worker_done_remove(crm_worker_done_t *done,
    const crm_worker_done_entry_t *entry)
{
    crm_worker_done_entry_t  **at;

    for (at = &done->waiting; *at; at = &(*at)->next) {
        if (*at == entry) {
            *at = entry->next;
            return 1;
        }
    }

    return 0;
}


static void
done_flush(uv_prepare_t *prepare)
{
    crm_worker_done_t  *done;

    done = prepare->data;
    uv_prepare_stop(prepare);

    /* those that end until the answer go together */

    if (done->asked == 0) {
        done_send_all(done);
    }
}


/* A script an organisation, or more where there are many. */
static void
done_send_all(crm_worker_done_t *done)
{
    while (done->waiting != NULL) {
        done_send_some(done);
    }
}


static void
done_send_some(crm_worker_done_t *done)
{
    size_t                    i, n;
    crm_pool_t               *pool;
    done_batch_t             *batch;
    crm_worker_done_entry_t  *entry, *entries[CRM_WORKER_DONE_MAX];

    pool = crm_pool_create(crm_host_malloc(), 0);
    batch = pool ? crm_pool_calloc(pool, 1, sizeof(done_batch_t)) : NULL;

    if (batch == NULL) {
        crm_pool_destroy(pool);
        entry = done->waiting;
        done->waiting = entry->next;
        done->told(entry, CRM_WORKER_DONE_AWAY);
        return;
    }

    done_collect(done, batch);

    /* the batch goes with its pool when it cannot be sent */

    n = batch->n;
    memcpy(entries, batch->entries, sizeof(entries));

    if (crm_worker_link_send(done->link, pool,
                             crm_cmd_done(pool, batch->entries[0]->org,
                                          batch->leases, batch->n),
                             done_answered, batch)
        == CRM_OK)
    {
        done->asked++;
        return;
    }

    for (i = 0; i < n; i++) {
        done->told(entries[i], CRM_WORKER_DONE_AWAY);
    }
}


/* The first that waits, and others of its organisation. */
static void
done_collect(crm_worker_done_t *done, done_batch_t *batch)
{
    crm_str_t                  org;
    crm_worker_done_entry_t   *entry, **at;

    batch->done = done;
    org = done->waiting->org;

    for (at = &done->waiting; *at && batch->n < CRM_WORKER_DONE_MAX; ) {
        entry = *at;

        if (!crm_str_eq(entry->org, org)) {
            at = &entry->next;
            continue;
        }

        *at = entry->next;
        batch->entries[batch->n] = entry;
        batch->leases[batch->n++] = entry->lease;
    }
}


static void
done_answered(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    int            held[CRM_WORKER_DONE_MAX];
    size_t         i;
    crm_error_t    err;
    crm_status_t   rc;
    done_batch_t  *batch;

    (void) pool;

    batch = data;
    rc = CRM_EINVAL;
    batch->done->asked--;

    if (batch->done->waiting != NULL) {
        uv_prepare_start(&batch->done->prepare, done_flush);
    }

    if (reply != NULL) {
        rc = crm_take_held(held, batch->n, reply, &err);
    }

    if (reply != NULL && rc != CRM_OK) {
        crm_worker_log(CRM_WORKER_LOG_ERROR, "dispatch: redis refuses an "
                       "outcome, org:%s job:%s: %s",
                       batch->entries[0]->org.data,
                       batch->entries[0]->lease.id.data, err.text);
    }

    for (i = 0; i < batch->n; i++) {
        batch->done->told(batch->entries[i],
                          rc != CRM_OK ? CRM_WORKER_DONE_AWAY
                          : held[i] ? CRM_WORKER_DONE_OK
                          : CRM_WORKER_DONE_STALE);
    }
}


static void
done_free(uv_handle_t *handle)
{
    free(handle->data);
}
