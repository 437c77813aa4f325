/*
 * Key names. Parts are joined by length, not by printf: an id that holds a
 * zero byte must not name another record.
 */

#include "state/crm_keys.h"

#include "base/crm_limits.h"


#define KEY_HEAD      "crm:{"
#define KEY_HEAD_LEN  (sizeof(KEY_HEAD) - 1)
#define KEY_TAIL      "}:"
#define KEY_TAIL_LEN  (sizeof(KEY_TAIL) - 1)


static crm_status_t key_pair_first(crm_key_pair_t *keys,
    crm_record_name_t record);
static crm_str_t key_plain(crm_pool_t *pool, crm_str_t org, crm_str_t name);
static inline crm_str_t key_make(crm_pool_t *pool, crm_str_t org,
    crm_str_t name, crm_str_t a, crm_str_t between, crm_str_t b);
static inline char *key_part(char *to, crm_str_t part);


static const char  *queue_names[CRM_QUEUE_COUNT] = {
    "webhooks", "emails", "records", "functions", "scores"
};


int
crm_org_valid(crm_str_t org)
{
    char    c;
    size_t  i;

    if (org.len == 0 || org.len > CRM_MAX_ORG_NAME) {
        return 0;
    }

    for (i = 0; i < org.len; i++) {
        c = org.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'))
        {
            return 0;
        }
    }

    return 1;
}


const char *
crm_queue_name(crm_queue_t queue)
{
    return queue_names[queue];
}


crm_status_t
crm_queue_parse(crm_queue_t *queue, crm_str_t name)
{
    int  i;

    for (i = 0; i < CRM_QUEUE_COUNT; i++) {
        if (crm_str_is(name, queue_names[i])) {
            *queue = (crm_queue_t) i;
            return CRM_OK;
        }
    }

    return CRM_DECLINED;
}


crm_str_t
crm_key_epoch(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("epoch"));
}


crm_str_t
crm_key_accepted(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("epoch:accepted"));
}


crm_str_t
crm_key_revision(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("revision"));
}


crm_str_t
crm_key_revisions(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("revisions"));
}


crm_str_t
crm_key_rules(crm_pool_t *pool, crm_str_t org, long long revision)
{
    crm_str_t  n;

    n = crm_pool_printf(pool, "%lld", revision);
    if (n.data == NULL) {
        return CRM_STR_NULL;
    }

    return key_make(pool, org, CRM_STR("rules:"), n, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_processes(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("processes"));
}


crm_str_t
crm_key_presence(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("presence"));
}


crm_str_t
crm_key_busy(crm_pool_t *pool, crm_str_t org, crm_record_name_t record)
{
    return key_make(pool, org, CRM_STR("busy:"), record.module,
                    CRM_STR("/"), record.id);
}


crm_str_t
crm_key_record(crm_pool_t *pool, crm_str_t org, crm_record_name_t record)
{
    return key_make(pool, org, CRM_STR("record:"), record.module,
                    CRM_STR("/"), record.id);
}


crm_str_t
crm_key_snapshot(crm_pool_t *pool, crm_str_t org, crm_record_name_t record)
{
    return key_make(pool, org, CRM_STR("snapshot:"), record.module,
                    CRM_STR("/"), record.id);
}


void
crm_key_pair_init(crm_key_pair_t *keys, crm_pool_t *pool, crm_str_t org)
{
    memset(keys, 0, sizeof(crm_key_pair_t));
    keys->pool = pool;
    keys->org = org;
}


crm_status_t
crm_key_pair_make(crm_key_pair_t *keys, crm_record_name_t record)
{
    char  *busy, *other;

    if (keys->module.data == NULL || !crm_str_eq(record.module, keys->module))
    {
        return key_pair_first(keys, record);
    }

    keys->busy.len = keys->busy_head.len + record.id.len;
    keys->record.len = keys->record_head.len + record.id.len;

    busy = crm_pool_alloc(keys->pool, keys->busy.len + keys->record.len);
    if (busy == NULL) {
        return CRM_ENOMEM;
    }

    other = key_part(key_part(busy, keys->busy_head), record.id);
    (void) key_part(key_part(other, keys->record_head), record.id);

    keys->busy.data = busy;
    keys->record.data = other;

    return CRM_OK;
}


/* Of its module: all before the id serves those that follow. */
static crm_status_t
key_pair_first(crm_key_pair_t *keys, crm_record_name_t record)
{
    keys->busy = crm_key_busy(keys->pool, keys->org, record);
    keys->record = crm_key_record(keys->pool, keys->org, record);

    if (keys->busy.data == NULL || keys->record.data == NULL) {
        keys->module.data = NULL;
        return CRM_ENOMEM;
    }

    keys->module = record.module;
    keys->busy_head = crm_str(keys->busy.data,
                              keys->busy.len - record.id.len);
    keys->record_head = crm_str(keys->record.data,
                                keys->record.len - record.id.len);

    return CRM_OK;
}


crm_str_t
crm_key_scores(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("scores"));
}


crm_str_t
crm_key_scoring(crm_pool_t *pool, crm_str_t org, crm_str_t module)
{
    return key_make(pool, org, CRM_STR("scoring:"), module, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_approvals(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("approvals"));
}


crm_str_t
crm_key_intents(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("intents"));
}


crm_str_t
crm_key_intent(crm_pool_t *pool, crm_str_t org, crm_str_t event)
{
    return key_make(pool, org, CRM_STR("intent:"), event, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_undetermined(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("undetermined"));
}


crm_str_t
crm_key_settled(crm_pool_t *pool, crm_str_t org, crm_str_t event)
{
    return key_make(pool, org, CRM_STR("settled:"), event, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_trace(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("trace"));
}


crm_str_t
crm_key_chain(crm_pool_t *pool, crm_str_t org, crm_str_t job)
{
    return key_make(pool, org, CRM_STR("chain:"), job, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_effects(crm_pool_t *pool, crm_str_t org, crm_str_t job)
{
    return key_make(pool, org, CRM_STR("effects:"), job, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_answer(crm_pool_t *pool, crm_str_t org, crm_str_t job)
{
    return key_make(pool, org, CRM_STR("answer:"), job, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_variables(crm_pool_t *pool, crm_str_t org)
{
    return key_make(pool, org, CRM_STR("variables"), CRM_STR_NULL,
                    CRM_STR_NULL, CRM_STR_NULL);
}


crm_str_t
crm_key_schedules(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("schedules"));
}


crm_str_t
crm_key_schedule(crm_pool_t *pool, crm_str_t org, crm_str_t id)
{
    return key_make(pool, org, CRM_STR("schedule:"), id, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_scheduled(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("scheduled"));
}


crm_str_t
crm_key_runs(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("runs"));
}


crm_str_t
crm_key_queue(crm_pool_t *pool, crm_str_t org, crm_queue_t queue)
{
    return key_make(pool, org, CRM_STR("queue:"), crm_strz(queue_names[queue]),
                    CRM_STR_NULL, CRM_STR_NULL);
}


crm_str_t
crm_key_own(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("own"));
}


crm_str_t
crm_key_pulls(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("pulls"));
}


crm_str_t
crm_key_batch(crm_pool_t *pool, crm_str_t org, crm_str_t batch)
{
    return key_make(pool, org, CRM_STR("batch:"), batch, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_fresh(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("fresh"));
}


crm_str_t
crm_key_job(crm_pool_t *pool, crm_str_t org, crm_str_t id)
{
    return key_make(pool, org, CRM_STR("job:"), id, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_ready(crm_pool_t *pool, crm_str_t org, crm_queue_t queue,
    crm_str_t endpoint)
{
    return key_make(pool, org, CRM_STR("ready:"), crm_strz(queue_names[queue]),
                    endpoint.len ? CRM_STR(":") : CRM_STR_NULL, endpoint);
}


crm_str_t
crm_key_ring(crm_pool_t *pool, crm_str_t org, crm_queue_t queue)
{
    return key_make(pool, org, CRM_STR("ring:"), crm_strz(queue_names[queue]),
                    CRM_STR_NULL, CRM_STR_NULL);
}


crm_str_t
crm_key_inflight(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("inflight"));
}


crm_str_t
crm_key_turn(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("turn"));
}


crm_str_t
crm_key_health(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("health"));
}


crm_str_t
crm_key_health_of(crm_pool_t *pool, crm_str_t org, crm_str_t hash)
{
    return key_make(pool, org, CRM_STR("health:"), hash, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_turns(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("turns"));
}


crm_str_t
crm_key_lease(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("lease"));
}


crm_str_t
crm_key_delayed(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("delayed"));
}


crm_str_t
crm_key_dead(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("dead"));
}


crm_str_t
crm_key_done(crm_pool_t *pool, crm_str_t org, crm_str_t day)
{
    return key_make(pool, org, CRM_STR("done:"), day, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_mailed(crm_pool_t *pool, crm_str_t org, crm_str_t day)
{
    return key_make(pool, org, CRM_STR("mailed:"), day, CRM_STR_NULL,
                    CRM_STR_NULL);
}


crm_str_t
crm_key_stats(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, CRM_STR("stats"));
}


static crm_str_t
key_plain(crm_pool_t *pool, crm_str_t org, crm_str_t name)
{
    return key_make(pool, org, name, CRM_STR_NULL, CRM_STR_NULL, CRM_STR_NULL);
}


/* Some twenty keys a write: piece by piece, their lengths known. */
static inline crm_str_t
key_make(crm_pool_t *pool, crm_str_t org, crm_str_t name, crm_str_t a,
    crm_str_t between, crm_str_t b)
{
    char    *key, *p;
    size_t   len;

    len = KEY_HEAD_LEN + org.len + KEY_TAIL_LEN + name.len + a.len
          + between.len + b.len;

    key = crm_pool_alloc(pool, len + 1);
    if (key == NULL) {
        return CRM_STR_NULL;
    }

    p = memcpy(key, KEY_HEAD, KEY_HEAD_LEN);
    p = key_part(p + KEY_HEAD_LEN, org);
    p = memcpy(p, KEY_TAIL, KEY_TAIL_LEN);
    p = key_part(p + KEY_TAIL_LEN, name);
    p = key_part(p, a);
    p = key_part(p, between);
    p = key_part(p, b);
    *p = '\0';

    return crm_str(key, len);
}


static inline char *
key_part(char *to, crm_str_t part)
{
    if (part.len) {
        memcpy(to, part.data, part.len);
    }

    return to + part.len;
}
