/*
 * What workers count of deliveries.
 */

#include "state/crm_cmd.h"

#include "state/crm_args.h"


static const char *const  names[CRM_COUNT_WITHIN] = {
    "delivered", "failed", "busy", "dead", "age_ms"
};

/* A second to a day. */
const long long  crm_count_bounds_ms[CRM_COUNT_BOUNDS] = {
    1000, 5000, 30000, 120000, 600000, 3600000, 21600000, 86400000
};


crm_str_t
crm_count_name(crm_pool_t *pool, crm_queue_t queue, unsigned count)
{
    const char  *class;

    class = crm_queue_name(queue);

    if (count < CRM_COUNT_WITHIN) {
        return crm_pool_printf(pool, "%s:%s", class, names[count]);
    }

    if (count < CRM_COUNT_LATER) {
        return crm_pool_printf(pool, "%s:within:%lld", class,
                               crm_count_bounds_ms[count - CRM_COUNT_WITHIN]);
    }

    return crm_pool_printf(pool, "%s:later", class);
}


crm_cmd_t *
crm_cmd_count(crm_pool_t *pool, crm_str_t org, const crm_counts_t *counts)
{
    int         queue;
    size_t      n;
    unsigned    i;
    crm_args_t  args;

    for (n = 0, queue = 0; queue < CRM_QUEUE_COUNT; queue++) {
        for (i = 0; i < CRM_COUNT_COUNT; i++) {
            n += counts->n[queue][i] != 0;
        }
    }

    crm_args_start(&args, pool, CRM_SCRIPT_COUNTED, 1, 2 * n);
    crm_args_key(&args, crm_key_stats(pool, org));

    for (queue = 0; queue < CRM_QUEUE_COUNT; queue++) {
        for (i = 0; i < CRM_COUNT_COUNT; i++) {
            if (counts->n[queue][i] != 0) {
                crm_args_key(&args, crm_count_name(pool, (crm_queue_t) queue,
                                                   i));
                crm_args_int(&args, counts->n[queue][i]);
            }
        }
    }

    return crm_args_end(&args);
}
