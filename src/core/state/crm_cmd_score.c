/*
 * Commands to Redis about scores that are counted anew. The order of keys and
 * arguments is each script's own: it stands at the head of scripts/NAME.lua.
 */

#include "state/crm_cmd.h"

#include "state/crm_args.h"


crm_cmd_t *
crm_cmd_score_run(crm_pool_t *pool, crm_str_t org, crm_str_t module,
    crm_str_t id, crm_str_t body, crm_str_t told)
{
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_SCORE_RUN, org, 1, 4);
    crm_args_key(&args, crm_key_scores(pool, org));
    crm_args_str(&args, id);
    crm_args_str(&args, module);
    crm_args_str(&args, body);
    crm_args_str(&args, told);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_scored(crm_pool_t *pool, crm_str_t org, crm_str_t module,
    const crm_record_name_t *records, size_t n)
{
    size_t      i;
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_SCORED, 1 + n, 1);
    crm_args_key(&args, crm_key_scoring(pool, org, module));

    for (i = 0; i < n; i++) {
        crm_args_key(&args, crm_key_record(pool, org, records[i]));
    }

    crm_args_int(&args, CRM_SCORED_WAITING_MAX);

    return crm_args_end(&args);
}


crm_cmd_t *
crm_cmd_score_page(crm_pool_t *pool, const crm_cmd_score_page_t *in)
{
    size_t      i;
    crm_args_t  args;

    crm_args_job(&args, pool, CRM_SCRIPT_SCORE_PAGE, in->org, 2,
                 6 + 3 * in->n_kept + 2 * in->n_jobs);
    crm_args_key(&args, crm_key_scores(pool, in->org));
    crm_args_key(&args, crm_key_scoring(pool, in->org, in->module));
    crm_args_str(&args, in->lease.id);
    crm_args_int(&args, in->lease.fence);
    crm_args_str(&args, in->module);
    crm_args_str(&args, in->told);
    crm_args_str(&args, in->body);
    crm_args_int(&args, (long long) in->n_kept);

    for (i = 0; i < in->n_kept; i++) {
        crm_args_str(&args, in->kept[i].record);
        crm_args_str(&args, in->kept[i].had);
        crm_args_str(&args, in->kept[i].keeps);
    }

    for (i = 0; i < in->n_jobs; i++) {
        crm_args_str(&args, in->jobs[i].id);
        crm_args_str(&args, in->jobs[i].json);
    }

    return crm_args_end(&args);
}
