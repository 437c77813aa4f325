/*
 * What a mail's job says: one mail or several.
 */

#include "crm_worker_mail_split.h"

#include "crm_worker_mail.h"

#include "base/crm_limits.h"
#include "rules/crm_party.h"

#include <string.h>


/* Ids in Redis have 128 bytes at most; a part's is this much longer. */
#define SPLIT_MAX_ID     120


static size_t  split_count(crm_span_t list);
static crm_status_t split_parts(crm_worker_job_t *job, crm_span_t list,
    int missed);
static crm_status_t split_part(crm_worker_job_t *job, crm_span_t item,
    int missed);
static void  split_copy(crm_buf_t *buf, crm_span_t from, const char *name);


crm_status_t
crm_worker_mail_split(crm_worker_job_t *job, crm_worker_outcome_t *outcome)
{
    size_t        n;
    crm_span_t    to, missed;
    const char   *why;
    crm_status_t  rc;

    to = crm_span_member(job->action, CRM_STR("to"));
    missed = crm_span_member(job->action, CRM_STR("missed"));
    n = split_count(to) + split_count(missed);
    why = NULL;

    if (to.type != CRM_JSON_ARRAY) {
        why = "action.to must be a list of addresses";

    } else if (n > CRM_WORKER_MAIL_MAX_TO) {
        why = "it has more than 1000 recipients";

    } else if (n > 1 && n * job->action.len > CRM_WORKER_MAIL_MAX_BYTES) {
        why = "it is too large for so many recipients: 16 MiB in all";

    } else if (n > 1 && job->lease.id.len > SPLIT_MAX_ID) {
        why = "its id is too long for more than one recipient";
    }

    if (why != NULL) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_MALFORMED_JOB, why);
        return CRM_EINVAL;
    }

    if (n == 0) {
        crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                               CRM_WORKER_NO_RECIPIENT, NULL);
        return CRM_EINVAL;
    }

    if (n == 1 && split_count(to) == 1) {
        return CRM_DECLINED;
    }

    job->parts_count = 0;
    job->parts = crm_pool_calloc(job->pool, n, sizeof(crm_cmd_part_t));
    rc = job->parts ? split_parts(job, to, 0) : CRM_ENOMEM;

    if (rc == CRM_OK) {
        rc = split_parts(job, missed, 1);
    }

    if (rc != CRM_OK) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        return rc;
    }

    crm_worker_outcome_set(outcome, CRM_WORKER_SPLIT, "one_a_recipient", NULL);

    return CRM_OK;
}


crm_status_t
crm_worker_mail_to(crm_str_t *to, const crm_worker_job_t *job,
    crm_error_t *err)
{
    size_t      cursor;
    crm_span_t  list, item;

    cursor = 0;
    list = crm_span_member(job->action, CRM_STR("to"));

    if (!crm_span_next(list, &cursor, NULL, &item)
        || item.type != CRM_JSON_STRING)
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "action.to must be a list of addresses");
    }

    *to = crm_span_text(item, job->pool);

    return to->data ? CRM_OK
                    : crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                                    "out of memory");
}


crm_status_t
crm_worker_mail_check(crm_worker_mime_t *mime, crm_error_t *err)
{
    size_t       i;
    const char  *why;

    why = NULL;

    if (!crm_party_is_address(mime->to)) {
        why = "a recipient is no address";

    } else if (!crm_party_is_address(mime->from)) {
        why = "action.from is no address";

    } else if (mime->subject.len > CRM_MAX_MAIL_SUBJECT) {
        why = "action.subject is larger than 4 KiB";

    } else if (mime->text.data == NULL && mime->html.data == NULL) {
        why = "there is neither action.text nor action.html";

    } else if (mime->text.len > CRM_MAX_MAIL_BODY
               || mime->html.len > CRM_MAX_MAIL_BODY)
    {
        why = "action.text or action.html is larger than 256 KiB";
    }

    for (i = 0; i < mime->subject.len; i++) {
        if (((unsigned char) mime->subject.data[i] < ' '
             && mime->subject.data[i] != '\t')
            || mime->subject.data[i] == 0x7f)
        {
            why = "action.subject must be one line, without control "
                  "characters";
        }
    }

    return why ? crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "%s", why)
               : CRM_OK;
}


static size_t
split_count(crm_span_t list)
{
    size_t      n, cursor;
    crm_span_t  item;

    if (list.type != CRM_JSON_ARRAY) {
        return 0;
    }

    n = 0;
    cursor = 0;

    while (n <= CRM_WORKER_MAIL_MAX_TO
           && crm_span_next(list, &cursor, NULL, &item))
    {
        n++;
    }

    return n;
}


static crm_status_t
split_parts(crm_worker_job_t *job, crm_span_t list, int missed)
{
    size_t        cursor;
    crm_span_t    item;
    crm_status_t  rc;

    if (list.type != CRM_JSON_ARRAY) {
        return CRM_OK;
    }

    cursor = 0;

    while (crm_span_next(list, &cursor, NULL, &item)) {
        rc = split_part(job, item, missed);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


/* Of a recipient, or of a sentence why there is none. */
static crm_status_t
split_part(crm_worker_job_t *job, crm_span_t item, int missed)
{
    size_t           i;
    crm_buf_t        buf;
    crm_cmd_part_t  *part;

    static const char *const  kept[] = {
        "event", "type", "org", "module", "record_id", "rule", "revision",
        "enqueued_at"
    };
    static const char *const  content[] = {
        "reply_to", "subject", "text", "html", "files"
    };

    part = &job->parts[job->parts_count];
    part->id = crm_pool_printf(job->pool, "%.*s-%u", (int) job->lease.id.len,
                               job->lease.id.data,
                               (unsigned) ++job->parts_count);
    if (part->id.data == NULL) {
        return CRM_ENOMEM;
    }

    crm_buf_init(&buf, job->pool, 0);
    crm_buf_puts(&buf, "{\"v\":1,\"id\":");
    crm_buf_json(&buf, part->id);

    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        split_copy(&buf, job->root, kept[i]);
    }

    crm_buf_puts(&buf, ",\"part_of\":");
    crm_buf_json(&buf, job->lease.id);
    crm_buf_puts(&buf, ",\"action\":{\"to\":[");

    if (!missed) {
        crm_buf_str(&buf, crm_span_raw(item));
    }

    crm_buf_putc(&buf, ']');
    split_copy(&buf, job->action, "name");
    split_copy(&buf, job->action, "from");

    for (i = 0; !missed
                && i < sizeof(content) / sizeof(content[0]); i++)
    {
        split_copy(&buf, job->action, content[i]);
    }

    if (missed) {
        crm_buf_puts(&buf, ",\"refused\":");
        crm_buf_str(&buf, crm_span_raw(item));
    }

    crm_buf_puts(&buf, "}}");
    part->body = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static void
split_copy(crm_buf_t *buf, crm_span_t from, const char *name)
{
    crm_span_t  span;

    span = crm_span_member(from, crm_strz(name));

    if (span.type != CRM_JSON_NONE) {
        crm_buf_puts(buf, ",\"");
        crm_buf_puts(buf, name);
        crm_buf_puts(buf, "\":");
        crm_buf_str(buf, crm_span_raw(span));
    }
}
