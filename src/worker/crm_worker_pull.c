/*
 * Elements of the webhooks' entrance, moved by plain commands and read here.
 */

#include "crm_worker_pull.h"

#include "crm_worker_log.h"


/* A pull under way; lives in the pool of its commands. */
typedef struct {
    crm_worker_pull_t        *pull;
    crm_worker_pull_done_pt   done;
} pull_call_t;


static crm_worker_pull_t *pull_create(crm_worker_org_t *org);
static void  pull_answered(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static crm_worker_pull_status_t  pull_read(crm_worker_pull_t *pull,
    const crm_reply_t *reply);
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
    pull_call_t        *call;
    const crm_cmd_t    *cmds[CRM_CMD_PULL];
    crm_worker_pull_t  *pull;

    pull = pull_create(org);
    pool = pull ? crm_pool_create(crm_host_malloc(), 0) : NULL;
    call = pool ? crm_pool_calloc(pool, 1, sizeof(pull_call_t)) : NULL;

    if (call == NULL
        || crm_cmd_pull(cmds, pool, org->name, pull->pulled.batch, max)
           != CRM_OK)
    {
        crm_pool_destroy(pool);
        crm_worker_pull_destroy(pull);
        return 0;
    }

    call->pull = pull;
    call->done = done;

    if (crm_worker_link_send_all(org->fetch->tools->link, pool, cmds,
                                 CRM_CMD_PULL, pull_answered, call)
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


static void
pull_answered(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    pull_call_t               *call;
    crm_worker_org_t          *org;
    crm_worker_pull_t         *pull;
    crm_worker_pull_status_t   status;

    (void) pool;

    call = data;
    pull = call->pull;
    org = pull->org;
    status = reply ? pull_read(pull, reply) : CRM_WORKER_PULL_AWAY;

    if (status != CRM_WORKER_PULL_OK) {
        crm_worker_pull_destroy(pull);
        pull = NULL;
    }

    call->done(org, status, pull);
}


/* What cannot be read here, for whatever reason, take reads. */
static crm_worker_pull_status_t
pull_read(crm_worker_pull_t *pull, const crm_reply_t *reply)
{
    crm_error_t   err;
    crm_pulled_t  got;
    crm_status_t  rc;

    rc = crm_take_pulled(&got, reply, &err);

    if (rc == CRM_DECLINED) {
        return CRM_WORKER_PULL_FULL;
    }

    if (rc != CRM_OK) {
        crm_worker_fetch_refused(pull->org->fetch, "pull", pull->org->name,
                                 err.text);
        return CRM_WORKER_PULL_AWAY;
    }

    pull->pulled.id = crm_pool_dup(pull->pool, got.id);
    if (pull->pulled.id.data == NULL) {
        return CRM_WORKER_PULL_AWAY;
    }

    if (!pull_jobs(pull, &got)) {
        pull->pulled.elements = NULL;
    }

    return CRM_WORKER_PULL_OK;
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
