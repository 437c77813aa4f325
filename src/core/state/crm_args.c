/*
 * The arguments of a command that is being written.
 */

#include "state/crm_args.h"

#include <limits.h>


void
crm_args_alloc(crm_args_t *args, crm_pool_t *pool, size_t n)
{
    crm_cmd_t  *cmd;

    args->pool = pool;
    args->cap = n;
    args->failed = 1;
    args->cmd = NULL;

    if (n > INT_MAX / (sizeof(char *) + sizeof(size_t))) {
        return;
    }

    cmd = crm_pool_alloc(pool, sizeof(crm_cmd_t)
                               + n * (sizeof(char *) + sizeof(size_t)));
    if (cmd == NULL) {
        return;
    }

    cmd->script = NULL;
    cmd->argc = 0;
    cmd->argv = (const char **) (cmd + 1);
    cmd->argvlen = (size_t *) (cmd->argv + n);

    args->cmd = cmd;
    args->failed = 0;
}


void
crm_args_start(crm_args_t *args, crm_pool_t *pool, crm_script_id_t id,
    size_t n_keys, size_t n_args)
{
    const crm_script_t  *script;

    script = crm_script(id);

    crm_args_alloc(args, pool, 3 + n_keys + n_args);
    crm_args_str(args, CRM_STR("EVALSHA"));
    crm_args_str(args, crm_str(script->sha1, CRM_SCRIPT_SHA1_LEN));
    crm_args_int(args, (long long) n_keys);

    if (!args->failed) {
        args->cmd->script = script;
    }
}


void
crm_args_job(crm_args_t *args, crm_pool_t *pool, crm_script_id_t id,
    crm_str_t org, size_t n_keys, size_t n_args)
{
    crm_args_start(args, pool, id, 4 + n_keys, n_args);

    crm_args_key(args, crm_key_lease(pool, org));
    crm_args_key(args, crm_key_delayed(pool, org));
    crm_args_key(args, crm_key_dead(pool, org));
    crm_args_key(args, crm_key_inflight(pool, org));
}


void
crm_args_record(crm_args_t *args, crm_key_pair_t *keys,
    crm_record_name_t record)
{
    if (crm_key_pair_make(keys, record) != CRM_OK) {
        args->failed = 1;
        return;
    }

    crm_args_str(args, keys->busy);
    crm_args_str(args, keys->record);
}


void
crm_args_int(crm_args_t *args, long long n)
{
    char  *text;

    static const char  digits[] = "0123456789";

    if (n >= 0 && n <= 9) {
        crm_args_str(args, crm_str(digits + n, 1));
        return;
    }

    text = crm_pool_alloc(args->pool, CRM_STR_INT_LEN);
    if (text == NULL) {
        args->failed = 1;
        return;
    }

    crm_args_str(args, crm_str_int(text, n));
}


crm_cmd_t *
crm_args_end(crm_args_t *args)
{
    if (args->failed || (size_t) args->cmd->argc != args->cap) {
        return NULL;
    }

    return args->cmd;
}
