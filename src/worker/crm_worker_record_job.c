/*
 * A job that writes a record, read.
 */

#include "crm_worker_record_job.h"

#include "base/crm_limits.h"
#include "record/crm_idform.h"


typedef enum {
    SHAPE_FIELDS = 0,           /* of the job's own record, or another one */
    SHAPE_TAGS,
    SHAPE_OWNER,
    SHAPE_CREATE,
    SHAPE_EVENT
} record_shape_t;

typedef struct {
    const char        *type;
    crm_write_kind_t   kind;
    record_shape_t     shape;
} record_row_t;


static crm_status_t  record_name(crm_dialect_write_t *write,
    crm_worker_job_t *job, record_shape_t shape, crm_error_t *err);
static crm_status_t  record_what(crm_worker_record_job_t *record,
    crm_worker_job_t *job, record_shape_t shape, crm_error_t *err);
static crm_status_t  record_turn(crm_worker_record_job_t *record,
    crm_worker_job_t *job, crm_error_t *err);
static crm_status_t  record_chain(crm_worker_record_job_t *record,
    const crm_worker_job_t *job, crm_error_t *err);
static void  record_late(crm_worker_record_job_t *record,
    const crm_worker_job_t *job);
static crm_status_t  record_wrong(crm_error_t *err, const char *what);


static const record_row_t  rows[] = {
    { "field_updates", CRM_WRITE_UPDATE, SHAPE_FIELDS },
    { "score_updates", CRM_WRITE_UPDATE, SHAPE_FIELDS },
    { "assign_owner", CRM_WRITE_UPDATE, SHAPE_OWNER },
    { "tasks", CRM_WRITE_CREATE, SHAPE_CREATE },
    { "create_record", CRM_WRITE_CREATE, SHAPE_CREATE },
    { "add_tags", CRM_WRITE_ADD_TAGS, SHAPE_TAGS },
    { "remove_tags", CRM_WRITE_REMOVE_TAGS, SHAPE_TAGS },
    { "score_events", CRM_WRITE_UPDATE, SHAPE_EVENT },
};

#define ROWS  (sizeof(rows) / sizeof(rows[0]))


crm_status_t
crm_worker_record_job(crm_worker_record_job_t *record, crm_worker_job_t *job,
    crm_error_t *err)
{
    size_t        i;
    crm_status_t  rc;

    memset(record, 0, sizeof(crm_worker_record_job_t));
    record->turn = CRM_STR("");
    record->write.owner = CRM_STR("");
    record->happened = CRM_STR("");

    for (i = 0; i < ROWS && !crm_str_is(job->type, rows[i].type); i++) {
        /* void */
    }

    if (i == ROWS) {
        return record_wrong(err, "type writes no record");
    }

    record->write.kind = rows[i].kind;
    record->write.task = crm_str_is(job->type, "tasks");

    rc = record_name(&record->write, job, rows[i].shape, err);
    if (rc == CRM_OK) {
        rc = record_what(record, job, rows[i].shape, err);
    }
    if (rc == CRM_OK) {
        rc = record_chain(record, job, err);
    }

    record->write.cascade = record->chain.cascade;
    record_late(record, job);

    return rc;
}


crm_str_t
crm_worker_record_user(const crm_worker_record_job_t *record, size_t n,
    crm_pool_t *pool)
{
    size_t      cursor;
    crm_span_t  value;

    cursor = 0;

    while (crm_span_next(record->users, &cursor, NULL, &value)) {
        if (n-- == 0) {
            return value.type == CRM_JSON_STRING ? crm_span_text(value, pool)
                                                 : CRM_STR("");
        }
    }

    return CRM_STR("");
}


crm_str_t
crm_worker_record_render(const crm_worker_job_t *job, crm_str_t owner)
{
    crm_buf_t    buf;
    crm_span_t   fields, late;
    const char  *brace;

    fields = crm_span_member(job->action, CRM_STR("fields"));
    late = crm_span_member(job->root, CRM_STR("late"));

    if (fields.type != CRM_JSON_OBJECT || late.type != CRM_JSON_ARRAY
        || late.data < fields.data + fields.len)
    {
        return CRM_STR("");
    }

    brace = fields.data + fields.len - 1;

    crm_buf_init(&buf, job->pool, CRM_MAX_JOB_BYTES);
    crm_buf_add(&buf, job->body.data, (size_t) (brace - job->body.data));

    if (owner.len) {
        crm_buf_puts(&buf, fields.len > 2 ? ",\"Owner\":{\"id\":"
                                          : "\"Owner\":{\"id\":");
        crm_buf_json(&buf, owner);
        crm_buf_putc(&buf, '}');
    }

    crm_buf_add(&buf, brace, (size_t) (late.data - brace));
    crm_buf_puts(&buf, "[]");
    crm_buf_add(&buf, late.data + late.len,
                (size_t) (job->body.data + job->body.len
                          - late.data - late.len));

    switch (crm_buf_status(&buf)) {

    case CRM_OK:
        return crm_buf_view(&buf);

    case CRM_ELIMIT:
        return CRM_STR("");

    default:
        return CRM_STR_NULL;
    }
}


/* Which record: the job's own, the one that the action names, or a new one. */
static crm_status_t
record_name(crm_dialect_write_t *write, crm_worker_job_t *job,
    record_shape_t shape, crm_error_t *err)
{
    crm_status_t  rc;

    write->module = job->module;
    write->record_id = job->record_id;

    rc = crm_worker_job_text(&write->module, job, "module", err);

    if (rc == CRM_DECLINED && shape == SHAPE_CREATE) {
        return record_wrong(err, "action.module is missing");
    }

    if (rc == CRM_OK && shape != SHAPE_CREATE) {
        rc = crm_worker_job_text(&write->record_id, job, "record_id", err);

        if (rc == CRM_DECLINED) {
            return record_wrong(err, "action.record_id is missing");
        }
    }

    if (rc != CRM_OK && rc != CRM_DECLINED) {
        return rc;
    }

    if (write->module.len == 0 || write->module.len > CRM_MAX_MODULE_NAME
        || memchr(write->module.data, '/', write->module.len) != NULL)
    {
        return record_wrong(err, "module is no name of a CRM module");
    }

    if (shape == SHAPE_CREATE) {
        write->record_id = CRM_STR("");
        return CRM_OK;
    }

    return crm_idform_is_any(write->record_id)
           ? CRM_OK : record_wrong(err, "record_id is no id of a record");
}


static crm_status_t
record_what(crm_worker_record_job_t *record, crm_worker_job_t *job,
    record_shape_t shape, crm_error_t *err)
{
    size_t                n, cursor;
    crm_span_t            value;
    crm_dialect_write_t  *write;

    write = &record->write;

    switch (shape) {

    case SHAPE_OWNER:
        return record_turn(record, job, err);

    case SHAPE_EVENT:
        return crm_worker_job_text(&record->happened, job, "name", err)
               == CRM_OK && record->happened.len
               ? CRM_OK : record_wrong(err, "action.name must say what has"
                                       " happened");

    case SHAPE_TAGS:
        write->tags = crm_span_member(job->action, CRM_STR("tags"));
        cursor = 0;

        if (write->tags.type == CRM_JSON_ARRAY) {
            for (n = 0;
                 crm_span_next(write->tags, &cursor, NULL, &value)
                 && value.type == CRM_JSON_STRING; n++)
            {
                /* void */
            }

            if (n > 0 && value.type == CRM_JSON_STRING) {
                return CRM_OK;
            }
        }

        return record_wrong(err, "action.tags must be a list of texts");

    default:
        write->fields = crm_span_member(job->action, CRM_STR("fields"));
        cursor = 0;

        return write->fields.type == CRM_JSON_OBJECT
               && crm_span_next(write->fields, &cursor, NULL, &value)
               ? CRM_OK
               : record_wrong(err, "action.fields must be an object with"
                              " fields in it");
    }
}


/* {"owner": id}, or {"turn": {"of", "users": [ids]}}. */
static crm_status_t
record_turn(crm_worker_record_job_t *record, crm_worker_job_t *job,
    crm_error_t *err)
{
    size_t        cursor;
    crm_span_t    turn, of, value;
    crm_status_t  rc;

    rc = crm_worker_job_text(&record->write.owner, job, "owner", err);
    if (rc != CRM_DECLINED) {
        return rc != CRM_OK || record->write.owner.len
               ? rc : record_wrong(err, "action.owner is empty");
    }

    turn = crm_span_member(job->action, CRM_STR("turn"));
    of = crm_span_member(turn, CRM_STR("of"));
    record->users = crm_span_member(turn, CRM_STR("users"));
    cursor = 0;

    while (crm_span_next(record->users, &cursor, NULL, &value)) {
        record->n_users++;
    }

    if (of.type != CRM_JSON_STRING || record->users.type != CRM_JSON_ARRAY
        || record->n_users == 0
        || record->n_users > CRM_WORKER_RECORD_MAX_TURNS)
    {
        return record_wrong(err, "action needs an owner, or a turn and the"
                            " users who take it");
    }

    record->turn = crm_span_text(of, job->pool);

    return record->turn.data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
record_chain(crm_worker_record_job_t *record, const crm_worker_job_t *job,
    crm_error_t *err)
{
    crm_status_t  rc;

    if (job->foreign) {
        record->chain.id = job->lease.id;
        record->chain.depth = 1;
        return CRM_OK;
    }

    rc = crm_chain_decode(&record->chain,
                          crm_span_member(job->root, CRM_STR("chain")),
                          job->pool);

    if (rc == CRM_EINVAL) {
        return record_wrong(err, "chain is no chain of rules");
    }

    record->chain.depth++;

    return rc;
}


static void
record_late(crm_worker_record_job_t *record, const crm_worker_job_t *job)
{
    size_t      cursor;
    crm_span_t  late, value;

    late = crm_span_member(job->root, CRM_STR("late"));
    cursor = 0;

    while (crm_span_next(late, &cursor, NULL, &value)) {
        if (value.type == CRM_JSON_STRING
            && crm_span_is(value, CRM_STR("Owner")))
        {
            record->late_owner = 1;
        }
    }
}


static crm_status_t
record_wrong(crm_error_t *err, const char *what)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "%s", what);
}
