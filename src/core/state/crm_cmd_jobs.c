/*
 * Commands to Redis, those of the worker about jobs. The order of keys and
 * arguments is each script's own: it stands at the head of scripts/NAME.lua.
 */

#include "state/crm_cmd.h"

#include "state/crm_args.h"


#define CMD_REAP_MAX        100
#define CMD_PROMOTE_MAX     100
#define CMD_DELIVERIES_MAX  5

/* A day of the organisation begins and ends up to a day from Redis' own. */
#define CMD_QUOTA_S         (3 * 86400)


#define CMD_PLACE_LEN  8
#define CMD_FACTS_LEN \
    (2 * CRM_DIGEST_SHORT_LEN + CRM_CMD_BATCH_LEN + CMD_PLACE_LEN + 3)


/* Of what was pulled: to whom it goes. */
typedef struct {
    const char  *hash;
    long long    n;
} cmd_receiver_t;

typedef struct {
    cmd_receiver_t  *endpoints;
    size_t           n;
    size_t           n_elements;
} cmd_receivers_t;


static const char *const  health_words[] = { "", "answered", "down", "gone" };


static crm_str_t  cmd_waiting(crm_pool_t *pool, crm_str_t org,
    crm_queue_t queue);
static crm_status_t  cmd_receivers(cmd_receivers_t *to, crm_pool_t *pool,
    const crm_cmd_pulled_t *pulled);
static void  cmd_pulled(crm_args_t *args, const crm_cmd_pulled_t *pulled,
    const cmd_receivers_t *to);
static crm_str_t  cmd_facts(crm_pool_t *pool, const crm_cmd_pulled_t *pulled,
    size_t place);
static void  cmd_elements(crm_args_t *args, const crm_cmd_element_t *elements,
    size_t n);


crm_cmd_t *
crm_cmd_take(crm_pool_t *pool, const crm_cmd_take_t *in)
{
    size_t           i;
    crm_args_t       args;
    cmd_receivers_t  to;

    if (cmd_receivers(&to, pool, in->pulled) != CRM_OK) {
        return NULL;
    }

    crm_args_job(&args, pool, CRM_SCRIPT_TAKE, in->org, 3 + 2 * in->n_classes,
                 9 + 2 * in->n_classes + 2 * to.n + 2 * to.n_elements);

    crm_args_key(&args, crm_key_own(pool, in->org));
    crm_args_key(&args, crm_key_turn(pool, in->org));
    crm_args_key(&args, crm_key_pulls(pool, in->org));
    for (i = 0; i < in->n_classes; i++) {
        crm_args_key(&args, crm_key_queue(pool, in->org,
                                          in->classes[i].queue));
        crm_args_key(&args, cmd_waiting(pool, in->org, in->classes[i].queue));
    }

    crm_args_int(&args, in->max_jobs);
    crm_args_int(&args, in->max_move);
    crm_args_int(&args, in->lease_ttl_ms);
    crm_args_int(&args, in->endpoint_limit);
    crm_args_int(&args, in->endpoint_rate);
    crm_args_int(&args, 2 * in->endpoint_rate);
    crm_args_str(&args, in->pulled ? in->pulled->id : CRM_STR(""));
    crm_args_str(&args, in->pulled ? in->pulled->batch : CRM_STR(""));
    crm_args_int(&args, (long long) to.n);
    for (i = 0; i < in->n_classes; i++) {
        crm_args_str(&args, crm_strz(crm_queue_name(in->classes[i].queue)));
        crm_args_int(&args, in->classes[i].max_jobs);
    }

    cmd_pulled(&args, in->pulled, &to);

    return crm_args_end(&args);
}


/* What of a class waits in Redis and is ready. */
static crm_str_t
cmd_waiting(crm_pool_t *pool, crm_str_t org, crm_queue_t queue)
{
    return queue == CRM_QUEUE_WEBHOOKS || queue == CRM_QUEUE_EMAILS
           ? crm_key_ring(pool, org, queue)
           : crm_key_ready(pool, org, queue, CRM_STR(""));
}


/* How many of the elements go to each endpoint; few know many. */
static crm_status_t
cmd_receivers(cmd_receivers_t *to, crm_pool_t *pool,
    const crm_cmd_pulled_t *pulled)
{
    size_t  i, k;

    memset(to, 0, sizeof(cmd_receivers_t));

    if (pulled == NULL || pulled->elements == NULL) {
        return CRM_OK;
    }

    to->n_elements = pulled->n;
    to->endpoints = crm_pool_calloc(pool, pulled->n + 1,
                                    sizeof(cmd_receiver_t));
    if (to->endpoints == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < pulled->n; i++) {
        for (k = 0; k < to->n; k++) {
            if (memcmp(to->endpoints[k].hash, pulled->elements[i].endpoint,
                       CRM_DIGEST_SHORT_LEN)
                == 0)
            {
                break;
            }
        }

        to->n += k == to->n;
        to->endpoints[k].hash = pulled->elements[i].endpoint;
        to->endpoints[k].n++;
    }

    return CRM_OK;
}


static void
cmd_pulled(crm_args_t *args, const crm_cmd_pulled_t *pulled,
    const cmd_receivers_t *to)
{
    size_t  i;

    for (i = 0; i < to->n; i++) {
        crm_args_str(args, crm_str(to->endpoints[i].hash,
                                   CRM_DIGEST_SHORT_LEN));
        crm_args_int(args, to->endpoints[i].n);
    }

    for (i = 0; i < to->n_elements; i++) {
        crm_args_str(args, pulled->elements[i].id);
        crm_args_key(args, cmd_facts(args->pool, pulled, i));
    }
}


/* What `fresh` holds of a job: endpoint, webhook, batch, its place there, of
 * eight digits: longer than what Redis keeps in a short list. */
static crm_str_t
cmd_facts(crm_pool_t *pool, const crm_cmd_pulled_t *pulled, size_t place)
{
    char    *text, *at;
    size_t   i;

    text = crm_pool_alloc(pool, CMD_FACTS_LEN + 1);
    if (text == NULL) {
        return CRM_STR_NULL;
    }

    memset(text, ' ', CMD_FACTS_LEN);
    at = text;
    memcpy(at, pulled->elements[place].endpoint, CRM_DIGEST_SHORT_LEN);
    at += CRM_DIGEST_SHORT_LEN + 1;
    memcpy(at, pulled->elements[place].webhook, CRM_DIGEST_SHORT_LEN);
    at += CRM_DIGEST_SHORT_LEN + 1;
    memcpy(at, pulled->batch.data, CRM_CMD_BATCH_LEN);
    at += CRM_CMD_BATCH_LEN + 1;

    for (i = CMD_PLACE_LEN; i > 0; i--, place /= 10) {
        at[i - 1] = (char) ('0' + place % 10);
    }

    text[CMD_FACTS_LEN] = '\0';

    return crm_str(text, CMD_FACTS_LEN);
}


crm_cmd_t *
crm_cmd_renew(crm_pool_t *pool, crm_str_t org, const crm_lease_t *leases,
    size_t n, long long lease_ttl_ms)
{
    size_t      i;
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_RENEW, org, 0, 1 + 2 * n);

    crm_args_int(&args, lease_ttl_ms);
    for (i = 0; i < n; i++) {
        crm_args_str(&args, leases[i].id);
        crm_args_int(&args, leases[i].fence);
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_done(crm_pool_t *pool, crm_str_t org, const crm_lease_t *leases,
    size_t n)
{
    size_t      i;
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_DONE, org, 0, 2 * n);

    for (i = 0; i < n; i++) {
        crm_args_str(&args, leases[i].id);
        crm_args_int(&args, leases[i].fence);
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_retry(crm_pool_t *pool, const crm_cmd_retry_t *in)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_RETRY, in->org, 0, 7);
    crm_args_str(&args, in->lease.id);
    crm_args_int(&args, in->lease.fence);
    crm_args_int(&args, in->delay_ms);
    crm_args_int(&args, in->attempts);
    crm_args_str(&args, in->body);
    crm_args_str(&args, in->error);
    crm_args_str(&args, crm_strz(health_words[in->health]));

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_dead(crm_pool_t *pool, const crm_cmd_dead_t *in)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_DEAD, in->org, 0,
                 in->follows ? 8 : 5);
    crm_args_str(&args, in->lease.id);
    crm_args_int(&args, in->lease.fence);
    crm_args_int(&args, in->attempts);
    crm_args_str(&args, in->reason);
    crm_args_str(&args, crm_strz(health_words[in->health]));

    if (in->follows) {
        crm_args_str(&args, crm_strz(crm_queue_name(in->queue)));
        crm_args_str(&args, in->follows->id);
        crm_args_str(&args, in->follows->body);
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_render(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    crm_str_t body)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_RENDER, org, 0, 3);
    crm_args_str(&args, lease.id);
    crm_args_int(&args, lease.fence);
    crm_args_str(&args, body);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_cancel(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    crm_str_t trace)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_CANCEL, org, 1, 3);
    crm_args_key(&args, crm_key_trace(pool, org));
    crm_args_str(&args, lease.id);
    crm_args_int(&args, lease.fence);
    crm_args_str(&args, trace);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_turn(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    crm_str_t of, long long count)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_TURN, org, 1, 4);
    crm_args_key(&args, crm_key_turns(pool, org));
    crm_args_str(&args, lease.id);
    crm_args_int(&args, lease.fence);
    crm_args_str(&args, of);
    crm_args_int(&args, count);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_recall(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    long long now_ms)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_RECALL, org, 1, 3);
    crm_args_key(&args, crm_key_effects(pool, org, lease.id));
    crm_args_str(&args, lease.id);
    crm_args_int(&args, lease.fence);
    crm_args_int(&args, now_ms);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_variable(crm_pool_t *pool, crm_str_t org, crm_str_t name)
{
    crm_args_t  args;

    crm_args_alloc(&args, pool, 3);
    crm_args_str(&args, CRM_STR("HGET"));
    crm_args_key(&args, crm_key_variables(pool, org));
    crm_args_str(&args, name);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_remember(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    size_t n, crm_str_t answer, const crm_cmd_deed_t *deed)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_REMEMBER, org, 4,
                 deed->kind == CRM_CMD_NO_DEED ? 4 : 7);
    crm_args_key(&args, crm_key_effects(pool, org, lease.id));
    crm_args_key(&args, crm_key_queue(pool, org, CRM_QUEUE_EMAILS));
    crm_args_key(&args, crm_key_own(pool, org));
    crm_args_key(&args, crm_key_variables(pool, org));
    crm_args_str(&args, lease.id);
    crm_args_int(&args, lease.fence);
    crm_args_int(&args, (long long) n);
    crm_args_str(&args, answer);

    if (deed->kind != CRM_CMD_NO_DEED) {
        crm_args_str(&args, deed->kind == CRM_CMD_MAIL ? CRM_STR("mail")
                                                       : CRM_STR("set"));
        crm_args_str(&args, deed->name);
        crm_args_str(&args, deed->text);
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_split(crm_pool_t *pool, crm_str_t org, crm_lease_t lease,
    crm_queue_t queue, const crm_cmd_part_t *parts, size_t n)
{
    size_t      i;
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_SPLIT, org, 0, 3 + 2 * n);
    crm_args_str(&args, lease.id);
    crm_args_int(&args, lease.fence);
    crm_args_str(&args, crm_strz(crm_queue_name(queue)));
    for (i = 0; i < n; i++) {
        crm_args_str(&args, parts[i].id);
        crm_args_str(&args, parts[i].body);
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_quota(crm_pool_t *pool, crm_str_t org, crm_str_t day, crm_str_t id,
    long long max)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_QUOTA, 1, 3);
    crm_args_key(&args, crm_key_mailed(pool, org, day));
    crm_args_str(&args, id);
    crm_args_int(&args, max);
    crm_args_int(&args, CMD_QUOTA_S);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_reap(crm_pool_t *pool, crm_str_t org, long long told_ms,
    long long passed_ms, long long pull_ms)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_REAP, org, 0, 5);
    crm_args_int(&args, CMD_REAP_MAX);
    crm_args_int(&args, CMD_DELIVERIES_MAX);
    crm_args_int(&args, told_ms);
    crm_args_int(&args, passed_ms);
    crm_args_int(&args, pull_ms);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_promote(crm_pool_t *pool, crm_str_t org)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_PROMOTE, org, 0, 1);
    crm_args_int(&args, CMD_PROMOTE_MAX);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_revive(crm_pool_t *pool, crm_str_t org, crm_cmd_pace_t pace,
    const crm_cmd_element_t *elements, size_t n)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_REVIVE, org, 0, 2 + 2 * n);
    crm_args_int(&args, pace.first_ms);
    crm_args_int(&args, pace.step_ms);
    cmd_elements(&args, elements, n);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_hasten(crm_pool_t *pool, crm_str_t org, crm_cmd_pace_t pace,
    const crm_str_t *ids, size_t n)
{
    size_t      i;
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_HASTEN, org, 0, 2 + n);
    crm_args_int(&args, pace.first_ms);
    crm_args_int(&args, pace.step_ms);
    for (i = 0; i < n; i++) {
        crm_args_str(&args, ids[i]);
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_look(crm_pool_t *pool, crm_str_t org, crm_str_t id,
    const char *const *fields, size_t n)
{
    size_t      i;
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_LOOK, org, 0, 1 + n);
    crm_args_str(&args, id);
    for (i = 0; i < n; i++) {
        crm_args_str(&args, crm_strz(fields[i]));
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_drop(crm_pool_t *pool, crm_str_t org, const crm_str_t *ids, size_t n)
{
    size_t      i;
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_DROP, org, 0, n);
    for (i = 0; i < n; i++) {
        crm_args_str(&args, ids[i]);
    }

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_discard(crm_pool_t *pool, crm_str_t org, crm_str_t list,
    const crm_cmd_element_t *elements, size_t n)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_DISCARD, org, 2, 2 * n);
    crm_args_key(&args, crm_key_own(pool, org));
    crm_args_key(&args, list);
    cmd_elements(&args, elements, n);

    return crm_args_end(&args);
}


static void
cmd_elements(crm_args_t *args, const crm_cmd_element_t *elements, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        crm_args_int(args, elements[i].place);
        crm_args_str(args, elements[i].text);
    }
}
