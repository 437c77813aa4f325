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

    if (n > INT_MAX / sizeof(char *)) {
        return;
    }

    cmd = crm_pool_calloc(pool, 1, sizeof(crm_cmd_t));
    if (cmd == NULL) {
        return;
    }

    cmd->argv = crm_pool_alloc(pool, n * sizeof(char *));
    cmd->argvlen = crm_pool_alloc(pool, n * sizeof(size_t));
    args->cmd = cmd;
    args->failed = cmd->argv == NULL || cmd->argvlen == NULL;
}


void
crm_args_start(crm_args_t *args, crm_pool_t *pool, crm_script_id_t id,
    size_t n_keys, size_t n_args)
{
    const crm_script_t  *script;

    script = crm_script(id);

    crm_args_alloc(args, pool, 3 + n_keys + n_args);
    crm_args_str(args, CRM_STR("EVALSHA"));
    crm_args_str(args, crm_strz(script->sha1));
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


/* A string without data means that there was no memory for it. */
void
crm_args_key(crm_args_t *args, crm_str_t key)
{
    if (key.data == NULL) {
        args->failed = 1;
        return;
    }

    crm_args_str(args, key);
}


void
crm_args_str(crm_args_t *args, crm_str_t s)
{
    crm_cmd_t  *cmd;

    cmd = args->cmd;

    if (args->failed || (size_t) cmd->argc >= args->cap) {
        args->failed = 1;
        return;
    }

    cmd->argv[cmd->argc] = s.data ? s.data : "";
    cmd->argvlen[cmd->argc] = s.len;
    cmd->argc++;
}


void
crm_args_int(crm_args_t *args, long long n)
{
    char  *text;

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
