/*
 * The arguments of a command that is being written. Private to the builders
 * of crm_cmd.h.
 *
 * Any failure sticks until crm_args_end(): an argument that had no memory, or
 * another number of them than was said.
 */

#ifndef CRM_ARGS_H
#define CRM_ARGS_H

#include "state/crm_cmd.h"


typedef struct {
    crm_pool_t  *pool;
    crm_cmd_t   *cmd;
    size_t       cap;
    int          failed;
} crm_args_t;


/* One whose data is NULL is the empty string. Inline, like the next: a write
 * has some forty of them. */
static inline void
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


/* A string without data means that there was no memory for it. */
static inline void
crm_args_key(crm_args_t *args, crm_str_t key)
{
    if (key.data == NULL) {
        args->failed = 1;
        return;
    }

    crm_args_str(args, key);
}


/* Room for n arguments. */
void crm_args_alloc(crm_args_t *args, crm_pool_t *pool, size_t n);

/* EVALSHA of a script with so many keys and arguments, which follow. */
void crm_args_start(crm_args_t *args, crm_pool_t *pool, crm_script_id_t id,
    size_t n_keys, size_t n_args);

/* The same of a script of the worker's: the four keys that each begins with,
 * and n_keys that follow. */
void crm_args_job(crm_args_t *args, crm_pool_t *pool, crm_script_id_t id,
    crm_str_t org, size_t n_keys, size_t n_args);

/* The keys of one record of several. */
void crm_args_record(crm_args_t *args, crm_key_pair_t *keys,
    crm_record_name_t record);

void crm_args_int(crm_args_t *args, long long n);

/* The command; NULL when anything has failed. */
crm_cmd_t *crm_args_end(crm_args_t *args);

#endif
