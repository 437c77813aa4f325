/*
 * Elements of the webhooks' entrance, moved by a script that does not look at
 * them, and read here.
 */

#include "crm_worker_pull.h"

#include "crm_worker_log.h"


static crm_worker_pull_t *pull_create(crm_worker_org_t *org);
static void  pull_moved(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  pull_end(crm_worker_pull_t *pull,
    crm_worker_pull_status_t status);
static crm_worker_pull_status_t  pull_name(crm_worker_pull_t *pull,
    const crm_reply_t *reply);
static void  pull_answered(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static int   pull_jobs(crm_worker_pull_t *pull, const crm_pulled_t *got);
static crm_worker_job_t *pull_job(const crm_worker_pull_t *pull,
    const crm_element_t *element, crm_str_t body);


/* Until it is known how large they are only a few come. */
size_t
crm_worker_pull_wanted(const crm_worker_org_t *org, size_t room)
{
    size_t  n;

    n = org->left < (long long) room ? (size_t) org->left : room;

    if (org->aside > 0) {
        return 0;
    }

    return n < org->pulling ? n : org->pulling;
}


int
crm_worker_pull_start(crm_worker_org_t *org, size_t max,
    crm_worker_pull_done_pt done)
{
    crm_pool_t         *pool;
    crm_worker_pull_t  *pull;

    pull = pull_create(org);
    pool = pull ? crm_pool_create(crm_host_malloc(), 0) : NULL;

    if (pool == NULL) {
        crm_worker_pull_destroy(pull);
        return 0;
    }

    pull->done = done;

    if (crm_worker_link_send(org->fetch->tools->link, pool,
                             crm_cmd_pull(pool, org->name, pull->pulled.batch,
                                          max),
                             pull_moved, pull)
        != CRM_OK)
    {
        crm_worker_pull_destroy(pull);
        return 0;
    }

    return 1;
}


static crm_worker_pull_t *
pull_create(crm_worker_org_t *org)
{
    char               *batch;
    crm_pool_t         *pool;
    crm_worker_pull_t  *pull;

    pool = crm_pool_create(crm_host_malloc(), 0);
    pull = pool ? crm_pool_calloc(pool, 1, sizeof(crm_worker_pull_t)) : NULL;
    batch = pull ? crm_pool_alloc(pool, CRM_CMD_BATCH_LEN) : NULL;

    if (batch == NULL) {
        crm_pool_destroy(pool);
        return NULL;
    }

    crm_cmd_batch(batch, org->fetch->pull_name, org->fetch->pull_serial++);
    pull->pool = pool;
    pull->org = org;
    pull->pulled.batch = crm_str(batch, CRM_CMD_BATCH_LEN);

    return pull;
}


/* They are the caller's, who has to read them now. */
static void
pull_moved(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_pool_t                *own;
    crm_worker_org_t          *org;
    crm_worker_pull_t         *pull;
    crm_worker_pull_status_t   status;

    (void) pool;

    pull = data;
    org = pull->org;
    status = reply ? pull_name(pull, reply) : CRM_WORKER_PULL_AWAY;

    if (status == CRM_WORKER_PULL_OK) {
        own = crm_pool_create(crm_host_malloc(), 0);

        if (own != NULL
            && crm_worker_link_send(org->fetch->tools->link, own,
                                    crm_cmd_pull_read(own, org->name,
                                                      pull->pulled.batch),
                                    pull_answered, pull)
               == CRM_OK)
        {
            return;
        }

        status = CRM_WORKER_PULL_AWAY;
    }

    pull_end(pull, status);
}


static void
pull_end(crm_worker_pull_t *pull, crm_worker_pull_status_t status)
{
    crm_worker_org_t         *org;
    crm_worker_pull_done_pt   done;

    org = pull->org;
    done = pull->done;

    if (status != CRM_WORKER_PULL_OK) {
        crm_worker_pull_destroy(pull);
        pull = NULL;
    }

    done(org, status, pull);
}


static crm_worker_pull_status_t
pull_name(crm_worker_pull_t *pull, const crm_reply_t *reply)
{
    crm_str_t     id;
    crm_error_t   err;
    crm_status_t  rc;

    rc = crm_take_pull(&id, reply, &err);

    if (rc == CRM_DECLINED) {
        return CRM_WORKER_PULL_NONE;
    }

    if (rc != CRM_OK) {
        crm_worker_fetch_refused(pull->org->fetch, "pull", pull->org->name,
                                 err.text);
        return CRM_WORKER_PULL_AWAY;
    }

    pull->pulled.id = crm_pool_dup(pull->pool, id);

    return pull->pulled.id.data ? CRM_WORKER_PULL_OK : CRM_WORKER_PULL_AWAY;
}


/* What cannot be read here, for whatever reason, take reads. */
static void
pull_answered(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    crm_error_t               err;
    crm_pulled_t              got;
    crm_worker_pull_t        *pull;
    crm_worker_pull_status_t  status;

    (void) pool;

    pull = data;
    status = reply ? CRM_WORKER_PULL_OK : CRM_WORKER_PULL_AWAY;

    if (reply && crm_take_pulled(&got, reply, &err) != CRM_OK) {
        crm_worker_fetch_refused(pull->org->fetch, "pull", pull->org->name,
                                 err.text);

    } else if (reply && !pull_jobs(pull, &got)) {
        pull->pulled.elements = NULL;
    }

    pull_end(pull, status);
}


static int
pull_jobs(crm_worker_pull_t *pull, const crm_pulled_t *got)
{
    size_t          i;
    crm_element_t  *elements;

    elements = crm_pool_calloc(pull->pool, got->n + 1, sizeof(crm_element_t));
    pull->jobs = crm_pool_calloc(pull->pool, got->n + 1,
                                 sizeof(crm_worker_job_t *));

    if (got->n == 0 || elements == NULL || pull->jobs == NULL) {
        return 0;
    }

    for (i = 0; i < got->n; i++) {
        if (!crm_element_read(&elements[i], got->texts[i].str,
                              pull->org->name, i ? &elements[i - 1] : NULL))
        {
            return 0;
        }

        pull->jobs[i] = pull_job(pull, &elements[i], got->texts[i].str);
        pull->pulled.n++;

        if (pull->jobs[i] == NULL) {
            return 0;
        }

        /* the reply goes; name and URL are not asked for any more */
        elements[i].id = pull->jobs[i]->lease.id;
    }

    pull->pulled.elements = elements;

    return 1;
}


/* As take would give it out. */
static crm_worker_job_t *
pull_job(const crm_worker_pull_t *pull, const crm_element_t *element,
    crm_str_t body)
{
    crm_job_t  job;

    memset(&job, 0, sizeof(crm_job_t));
    job.lease.id = element->id;
    job.lease.fence = 1;
    job.queue = CRM_QUEUE_WEBHOOKS;
    job.deliveries = 1;
    job.body = body;

    return crm_worker_job_create(pull->org->name, &job);
}


void
crm_worker_pull_learn(crm_worker_org_t *org, const crm_worker_pull_t *pull,
    const crm_take_t *take)
{
    org->left = take->left;

    if (pull == NULL) {
        org->aside -= org->aside > 0;

    } else if (take->first == 0) {
        org->aside = CRM_WORKER_PULL_ASIDE;
        org->pulling = CRM_WORKER_PULL_FEW;

    } else if (org->pulling < CRM_WORKER_FETCH_BATCH) {
        org->pulling *= 2;
    }
}


void
crm_worker_pull_destroy(crm_worker_pull_t *pull)
{
    size_t  i;

    if (pull == NULL) {
        return;
    }

    for (i = 0; i < pull->pulled.n; i++) {
        if (pull->jobs[i] != NULL) {
            crm_worker_job_destroy(pull->jobs[i]);
        }
    }

    crm_pool_destroy(pull->pool);
}
