/*
 * Key names. Parts are joined by length, not by printf: an id that holds a
 * zero byte must not name another record.
 */

#include "state/crm_keys.h"

#include "base/crm_limits.h"


static crm_str_t  key_make(crm_pool_t *pool, crm_str_t org, const char *name,
    crm_str_t a, const char *between, crm_str_t b);
static crm_str_t  key_plain(crm_pool_t *pool, crm_str_t org, const char *name);


static const char  *queue_names[CRM_QUEUE_COUNT] = {
    "webhooks", "emails", "records", "functions"
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
    return key_plain(pool, org, "epoch");
}


crm_str_t
crm_key_accepted(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "epoch:accepted");
}


crm_str_t
crm_key_revision(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "revision");
}


crm_str_t
crm_key_revisions(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "revisions");
}


crm_str_t
crm_key_rules(crm_pool_t *pool, crm_str_t org, long long revision)
{
    crm_str_t  n;

    n = crm_pool_printf(pool, "%lld", revision);
    if (n.data == NULL) {
        return CRM_STR_NULL;
    }

    return key_make(pool, org, "rules:", n, "", CRM_STR_NULL);
}


crm_str_t
crm_key_processes(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "processes");
}


crm_str_t
crm_key_busy(crm_pool_t *pool, crm_str_t org, crm_record_name_t record)
{
    return key_make(pool, org, "busy:", record.module, "/", record.id);
}


crm_str_t
crm_key_record(crm_pool_t *pool, crm_str_t org, crm_record_name_t record)
{
    return key_make(pool, org, "record:", record.module, "/", record.id);
}


crm_str_t
crm_key_intents(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "intents");
}


crm_str_t
crm_key_intent(crm_pool_t *pool, crm_str_t org, crm_str_t event)
{
    return key_make(pool, org, "intent:", event, "", CRM_STR_NULL);
}


crm_str_t
crm_key_undetermined(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "undetermined");
}


crm_str_t
crm_key_settled(crm_pool_t *pool, crm_str_t org, crm_str_t event)
{
    return key_make(pool, org, "settled:", event, "", CRM_STR_NULL);
}


crm_str_t
crm_key_trace(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "trace");
}


crm_str_t
crm_key_queue(crm_pool_t *pool, crm_str_t org, crm_queue_t queue)
{
    return key_make(pool, org, "queue:", crm_strz(queue_names[queue]), "",
                    CRM_STR_NULL);
}


crm_str_t
crm_key_own(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "own");
}


crm_str_t
crm_key_job(crm_pool_t *pool, crm_str_t org, crm_str_t id)
{
    return key_make(pool, org, "job:", id, "", CRM_STR_NULL);
}


crm_str_t
crm_key_ready(crm_pool_t *pool, crm_str_t org, crm_queue_t queue,
    crm_str_t endpoint)
{
    return key_make(pool, org, "ready:", crm_strz(queue_names[queue]),
                    endpoint.len ? ":" : "", endpoint);
}


crm_str_t
crm_key_ring(crm_pool_t *pool, crm_str_t org, crm_queue_t queue)
{
    return key_make(pool, org, "ring:", crm_strz(queue_names[queue]), "",
                    CRM_STR_NULL);
}


crm_str_t
crm_key_inflight(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "inflight");
}


crm_str_t
crm_key_turn(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "turn");
}


crm_str_t
crm_key_lease(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "lease");
}


crm_str_t
crm_key_delayed(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "delayed");
}


crm_str_t
crm_key_dead(crm_pool_t *pool, crm_str_t org)
{
    return key_plain(pool, org, "dead");
}


crm_str_t
crm_key_done(crm_pool_t *pool, crm_str_t org, crm_str_t day)
{
    return key_make(pool, org, "done:", day, "", CRM_STR_NULL);
}


static crm_str_t
key_plain(crm_pool_t *pool, crm_str_t org, const char *name)
{
    return key_make(pool, org, name, CRM_STR_NULL, "", CRM_STR_NULL);
}


static crm_str_t
key_make(crm_pool_t *pool, crm_str_t org, const char *name, crm_str_t a,
    const char *between, crm_str_t b)
{
    size_t     n;
    crm_str_t  parts[7];

    n = 0;

    parts[n++] = CRM_STR("crm:{");
    parts[n++] = org;
    parts[n++] = CRM_STR("}:");
    parts[n++] = crm_strz(name);

    if (a.len) {
        parts[n++] = a;
    }

    if (*between) {
        parts[n++] = crm_strz(between);
    }

    if (b.len) {
        parts[n++] = b;
    }

    return crm_pool_concat(pool, parts, n);
}
