/*
 * What Redis knows of one record.
 */

#include "state/crm_holds.h"

#include "base/crm_buf.h"
#include "state/crm_args.h"


#define HOLDS_HEAD  8


static crm_status_t holds_counts(size_t *counts, const crm_reply_t *reply,
    crm_error_t *err);
static crm_status_t holds_fields(crm_holds_t *holds, const crm_reply_t *e,
    crm_error_t *err);
static crm_status_t holds_writes(crm_holds_t *holds, const crm_reply_t *e,
    crm_error_t *err);
static crm_status_t holds_jobs(crm_holds_t *holds, const crm_reply_t *e,
    crm_error_t *err);
static int holds_strings(const crm_reply_t *e, size_t n);
static crm_str_t holds_json(crm_pool_t *pool, crm_str_t text);


crm_cmd_t *
crm_holds_cmd(crm_pool_t *pool, crm_str_t org, crm_record_name_t record)
{
    crm_str_t   name, id;
    crm_args_t  args;

    name = crm_pool_printf(pool, "%.*s/%.*s", (int) record.module.len,
                           record.module.data, (int) record.id.len,
                           record.id.data);
    name = name.data ? holds_json(pool, name) : name;
    id = holds_json(pool, record.id);

    if (name.data == NULL || id.data == NULL) {
        return NULL;
    }

    crm_args_start(&args, pool, CRM_SCRIPT_HOLDS, 5, 4);

    crm_args_key(&args, crm_key_record(pool, org, record));
    crm_args_key(&args, crm_key_busy(pool, org, record));
    crm_args_key(&args, crm_key_intents(pool, org));
    crm_args_key(&args, crm_key_undetermined(pool, org));
    crm_args_key(&args, crm_key_delayed(pool, org));

    crm_args_str(&args, name);
    crm_args_str(&args, id);
    crm_args_int(&args, CRM_HOLDS_MAX_WRITES);
    crm_args_int(&args, CRM_HOLDS_MAX_JOBS);

    return crm_args_end(&args);
}


crm_status_t
crm_holds_parse(crm_holds_t *holds, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err)
{
    size_t              counts[3];
    crm_str_t           word;
    crm_status_t        rc;
    const crm_reply_t  *e;

    memset(holds, 0, sizeof(crm_holds_t));

    rc = crm_reply_word(&word, reply, HOLDS_HEAD, err);
    if (rc == CRM_OK) {
        rc = crm_str_is(word, "ok") ? holds_counts(counts, reply, err)
             : crm_reply_misshapen("holds", err);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    e = reply->elements;
    holds->busy = e[2].str;
    holds->n_fields = counts[0];
    holds->n_writes = counts[1];
    holds->n_jobs = counts[2];

    if (e[2].type != CRM_REPLY_STRING
        || crm_reply_number(&holds->now_ms, &e[1], "holds", err) != CRM_OK
        || crm_reply_number(&holds->busy_ms, &e[3], "holds", err) != CRM_OK
        || crm_reply_number(&holds->unseen, &e[7], "holds", err) != CRM_OK)
    {
        return crm_reply_misshapen("holds", err);
    }

    holds->fields = crm_pool_calloc(pool, counts[0] + 1,
                                    sizeof(crm_holds_field_t));
    holds->writes = crm_pool_calloc(pool, counts[1] + 1,
                                    sizeof(crm_holds_write_t));
    holds->jobs = crm_pool_calloc(pool, counts[2] + 1,
                                  sizeof(crm_holds_job_t));

    if (holds->fields == NULL || holds->writes == NULL || holds->jobs == NULL)
    {
        return CRM_ENOMEM;
    }

    e += HOLDS_HEAD;
    rc = holds_fields(holds, e, err);
    e += 2 * counts[0];

    if (rc == CRM_OK) {
        rc = holds_writes(holds, e, err);
        e += 5 * counts[1];
    }

    return rc == CRM_OK ? holds_jobs(holds, e, err) : rc;
}


crm_cmd_t *
crm_holds_release(crm_pool_t *pool, crm_str_t org, crm_record_name_t record,
    crm_str_t manual, crm_str_t trace)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_RELEASE, 2, 2);

    crm_args_key(&args, crm_key_record(pool, org, record));
    crm_args_key(&args, crm_key_trace(pool, org));

    crm_args_str(&args, manual);
    crm_args_str(&args, trace);

    return crm_args_end(&args);
}


crm_status_t
crm_holds_released(crm_release_status_t *status, const crm_reply_t *reply,
    crm_error_t *err)
{
    unsigned      choice;
    crm_status_t  rc;

    /* by crm_release_status_t */
    static const char *const  words[] = {
        "released", "none", "changed", NULL
    };

    rc = crm_reply_choice(&choice, reply, words, "release", err);
    *status = rc == CRM_OK ? (crm_release_status_t) choice : CRM_RELEASE_NONE;

    return rc;
}


crm_str_t
crm_holds_field(const crm_holds_t *holds, const char *name)
{
    size_t  i;

    for (i = 0; i < holds->n_fields; i++) {
        if (crm_str_is(holds->fields[i].name, name)) {
            return holds->fields[i].value;
        }
    }

    return CRM_STR("");
}


/* As many as are said must be there, and nothing behind them. */
static crm_status_t
holds_counts(size_t *counts, const crm_reply_t *reply, crm_error_t *err)
{
    size_t        i, left;
    long long     n;
    crm_status_t  rc;

    static const size_t  sizes[] = { 2, 5, 3 };

    left = reply->count - HOLDS_HEAD;

    for (i = 0; i < 3; i++) {
        rc = crm_reply_number(&n, &reply->elements[4 + i], "holds", err);
        if (rc != CRM_OK) {
            return rc;
        }

        if (n < 0 || (unsigned long long) n > left / sizes[i]) {
            return crm_reply_misshapen("holds", err);
        }

        counts[i] = (size_t) n;
        left -= counts[i] * sizes[i];
    }

    return left == 0 ? CRM_OK : crm_reply_misshapen("holds", err);
}


static crm_status_t
holds_fields(crm_holds_t *holds, const crm_reply_t *e, crm_error_t *err)
{
    size_t  i;

    for (i = 0; i < holds->n_fields; i++, e += 2) {
        if (!holds_strings(e, 2)) {
            return crm_reply_misshapen("holds", err);
        }

        holds->fields[i].name = e[0].str;
        holds->fields[i].value = e[1].str;
    }

    return CRM_OK;
}


static crm_status_t
holds_writes(crm_holds_t *holds, const crm_reply_t *e, crm_error_t *err)
{
    size_t              i;
    long long           place;
    crm_holds_write_t  *write;

    for (i = 0; i < holds->n_writes; i++, e += 5) {
        write = &holds->writes[i];

        if (!holds_strings(e, 4)
            || crm_reply_number(&place, &e[4], "holds", err) != CRM_OK)
        {
            return crm_reply_misshapen("holds", err);
        }

        write->event = e[0].str;
        write->state = e[1].str;
        write->reason = e[3].str;
        write->undetermined = place != 0;

        if (crm_reply_integer(&write->begun_ms, &e[2], err) != CRM_OK) {
            write->begun_ms = 0;
        }
    }

    return CRM_OK;
}


static crm_status_t
holds_jobs(crm_holds_t *holds, const crm_reply_t *e, crm_error_t *err)
{
    size_t  i;

    for (i = 0; i < holds->n_jobs; i++, e += 3) {
        if (!holds_strings(e, 3)
            || crm_reply_number(&holds->jobs[i].due_ms, &e[1], "holds", err)
               != CRM_OK)
        {
            return crm_reply_misshapen("holds", err);
        }

        holds->jobs[i].id = e[0].str;
        holds->jobs[i].body = e[2].str;
    }

    return CRM_OK;
}


static int
holds_strings(const crm_reply_t *e, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (e[i].type != CRM_REPLY_STRING) {
            return 0;
        }
    }

    return 1;
}


static crm_str_t
holds_json(crm_pool_t *pool, crm_str_t text)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_json(&buf, text);

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf) : CRM_STR_NULL;
}
