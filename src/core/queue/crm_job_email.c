/*
 * Mails: an action's template merged, its recipients found.
 *
 * The worker sends one mail a recipient. Who was meant and cannot be reached
 * stands in "missed": one ended job each, so that people see it.
 */

#include "queue/crm_job.h"

#include "base/crm_limits.h"
#include "rules/crm_recipient.h"


typedef struct {
    crm_buf_t         subject;
    crm_buf_t         text;
    crm_buf_t         html;
    crm_recipients_t  to;
} mail_t;


static crm_status_t email_merge(mail_t *mail, const crm_email_t *email,
    const crm_job_source_t *source);
static void email_late(const crm_email_t *email,
    const crm_job_source_t *source);
static const char *email_refusal(const mail_t *mail);
static int email_is_line(crm_str_t text);
static void email_texts(crm_buf_t *buf, const char *name,
    const crm_str_t *texts, size_t count);
static void email_part(crm_buf_t *buf, const char *name, int has,
    const crm_buf_t *part);


crm_status_t
crm_job_email(crm_buf_t *buf, const crm_job_source_t *source)
{
    mail_t              mail;
    const char         *refusal;
    crm_status_t        rc;
    const crm_email_t  *email;

    email = source->action->u.email;
    email_late(email, source);

    rc = email_merge(&mail, email, source);
    if (rc != CRM_OK) {
        return rc;
    }

    refusal = email_refusal(&mail);

    crm_buf_puts(buf, "\"name\":");
    crm_buf_json(buf, email->name);
    crm_buf_puts(buf, ",\"from\":");
    crm_buf_json(buf, email->from);

    if (refusal) {
        crm_buf_puts(buf, ",\"refused\":");
        crm_buf_json(buf, crm_strz(refusal));
        return crm_buf_status(buf);
    }

    email_texts(buf, "to", mail.to.to, mail.to.to_count);

    if (mail.to.missed_count) {
        email_texts(buf, "missed", mail.to.missed, mail.to.missed_count);
    }

    crm_buf_puts(buf, ",\"subject\":");
    crm_buf_json(buf, crm_buf_view(&mail.subject));
    email_part(buf, "text", email->template->has_text, &mail.text);
    email_part(buf, "html", email->template->has_html, &mail.html);

    return crm_buf_status(buf);
}


/* Each part as its reader takes it: HTML escapes what is merged into it. */
static crm_status_t
email_merge(mail_t *mail, const crm_email_t *email,
    const crm_job_source_t *source)
{
    crm_status_t                 rc;
    const crm_write_t           *w;
    crm_recipients_near_t        near;
    const crm_email_template_t  *template;

    w = source->event->write;
    template = email->template;

    crm_buf_init(&mail->subject, source->pool, 0);
    crm_buf_init(&mail->text, source->pool, 0);
    crm_buf_init(&mail->html, source->pool, 0);

    rc = crm_template_render(&template->subject, &mail->subject,
                             CRM_ESCAPE_NONE, &source->merge, source->pool,
                             NULL);

    if (rc == CRM_OK && template->has_text) {
        rc = crm_template_render(&template->text, &mail->text,
                                 CRM_ESCAPE_NONE, &source->merge,
                                 source->pool, NULL);
    }

    if (rc == CRM_OK && template->has_html) {
        rc = crm_template_render(&template->html, &mail->html,
                                 CRM_ESCAPE_XML, &source->merge,
                                 source->pool, NULL);
    }

    near.record = source->merge.record;
    near.owner_field = crm_dialect_owner_field(w->dialect);
    near.actor_id = w->actor.id;

    return rc == CRM_OK ? crm_recipients_find(&mail->to, email, w->rules,
                                              &near, source->pool) : rc;
}


/* Recipients whom a field names that the record does not show. */
static void
email_late(const crm_email_t *email, const crm_job_source_t *source)
{
    size_t     i;
    crm_str_t  name, owner;

    owner = crm_dialect_owner_field(source->event->write->dialect);

    for (i = 0; source->merge.late && i < email->to_count; i++) {
        name = crm_recipient_field(&email->to[i], owner);

        if (name.len && crm_record_field(source->merge.record, name) == NULL)
        {
            crm_late_note(source->merge.late, name);
        }
    }
}


/* Why it must not be sent, or NULL: the worker ends such a job, visibly. */
static const char *
email_refusal(const mail_t *mail)
{
    if (!email_is_line(crm_buf_view(&mail->subject))) {
        return "a value would break the subject's line";
    }

    if (mail->subject.len > CRM_MAX_MAIL_SUBJECT) {
        return "the subject is above the limit of 4 KiB";
    }

    if (mail->text.len > CRM_MAX_MAIL_BODY
        || mail->html.len > CRM_MAX_MAIL_BODY)
    {
        return "the text or the HTML is above the limit of 256 KiB";
    }

    if (mail->to.too_many) {
        return "it would go to more than 500 recipients";
    }

    if (mail->to.to_count == 0 && mail->to.missed_count == 0) {
        return "there is nobody to send it to";
    }

    return NULL;
}


static int
email_is_line(crm_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (((unsigned char) text.data[i] < 0x20 && text.data[i] != '\t')
            || text.data[i] == 0x7f)
        {
            return 0;
        }
    }

    return 1;
}


static void
email_texts(crm_buf_t *buf, const char *name, const crm_str_t *texts,
    size_t count)
{
    crm_buf_puts(buf, ",\"");
    crm_buf_puts(buf, name);
    crm_buf_puts(buf, "\":");
    crm_buf_json_list(buf, texts, count);
}


static void
email_part(crm_buf_t *buf, const char *name, int has, const crm_buf_t *part)
{
    crm_buf_puts(buf, ",\"");
    crm_buf_puts(buf, name);
    crm_buf_puts(buf, "\":");

    if (has) {
        crm_buf_json(buf, crm_buf_view(part));
    } else {
        crm_buf_puts(buf, "null");
    }
}
