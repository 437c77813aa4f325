/*
 * sendmail: a mail becomes a job of the emails queue, in the step in which it
 * is remembered; there it is counted and sent as the mail of a rule is.
 *
 *     from, to, cc, bcc, subject, message
 *
 * Recipients are texts with commas, or lists; each gets a mail of its own.
 */

#include "crm_worker_effect_call.h"

#include "base/crm_limits.h"
#include "rules/crm_party.h"


#define MAIL_TO_MAX  500        /* as of a rule's mail */

typedef struct {
    crm_buf_t  to;              /* JSON texts with commas */
    size_t     count;
    crm_str_t  from;
    crm_str_t  subject;
    crm_str_t  message;
} mail_effect_t;


static int mail_keys(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_worker_effect_end_t *end);
static int mail_check(crm_worker_effect_t *effect, const mail_effect_t *mail,
    crm_worker_effect_end_t *end);
static int mail_to(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_span_t value, crm_worker_effect_end_t *end);
static int mail_addresses(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_str_t text, crm_worker_effect_end_t *end);
static crm_str_t mail_trim(crm_str_t text);
static int mail_is_line(crm_str_t text);
static void mail_job(crm_worker_effect_t *effect, crm_buf_t *buf,
    const mail_effect_t *mail, crm_str_t id);


int
crm_worker_effect_mail(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_buf_t      buf;
    mail_effect_t  mail;

    memset(&mail, 0, sizeof(mail));
    crm_buf_init(&mail.to, effect->pool, 0);

    if (!mail_keys(effect, &mail, end) || !mail_check(effect, &mail, end)) {
        return 0;
    }

    crm_buf_init(&buf, effect->pool, CRM_MAX_JOB_BYTES);
    mail_job(effect, &buf, &mail, effect->id);

    if (crm_buf_status(&buf) != CRM_OK) {
        return crm_worker_effect_throw(effect, end, 0,
                                       "the mail is too large");
    }

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = CRM_STR("{\"status\":\"success\"}");
    end->deed.kind = CRM_CMD_MAIL;
    end->deed.name = effect->id;
    end->deed.text = crm_buf_view(&buf);

    return 0;
}


static int
mail_keys(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_worker_effect_end_t *end)
{
    size_t      cursor;
    crm_str_t   text;
    crm_span_t  name, value;

    cursor = 0;

    while (crm_span_next(effect->args[0], &cursor, &name, &value)) {

        if (crm_span_is(name, CRM_STR("to"))
            || crm_span_is(name, CRM_STR("cc"))
            || crm_span_is(name, CRM_STR("bcc")))
        {
            if (!mail_to(effect, mail, value, end)) {
                return 0;
            }

            continue;
        }

        text = value.type == CRM_JSON_STRING
               ? crm_span_text(value, effect->pool) : crm_span_raw(value);

        if (crm_span_is(name, CRM_STR("from"))) {
            mail->from = text;

        } else if (crm_span_is(name, CRM_STR("subject"))) {
            mail->subject = text;

        } else if (crm_span_is(name, CRM_STR("message"))) {
            mail->message = text;

        } else {
            return crm_worker_effect_throw(effect, end, 0, "sendmail knows no"
                                           " %.*s here", (int) name.len,
                                           name.data);
        }
    }

    return 1;
}


/* What a rule's mail may not be, this one may not, either. */
static int
mail_check(crm_worker_effect_t *effect, const mail_effect_t *mail,
    crm_worker_effect_end_t *end)
{
    const char  *why;

    why = !crm_party_is_address(mail->from) ? "from must be an address"
          : mail->count == 0 ? "to names nobody"
          : mail->subject.len == 0 ? "a subject is missing"
          : !mail_is_line(mail->subject)
          ? "the subject must be one line, without control characters"
          : mail->subject.len > CRM_MAX_MAIL_SUBJECT
          ? "the subject is larger than 4 KiB"
          : mail->message.len == 0 ? "a message is missing"
          : mail->message.len > CRM_MAX_MAIL_BODY
          ? "the message is larger than 256 KiB" : NULL;

    return why == NULL
           ? 1 : crm_worker_effect_throw(effect, end, 0, "sendmail: %s", why);
}


static int
mail_to(crm_worker_effect_t *effect, mail_effect_t *mail, crm_span_t value,
    crm_worker_effect_end_t *end)
{
    size_t      cursor;
    crm_span_t  item;

    if (value.type == CRM_JSON_STRING) {
        return mail_addresses(effect, mail,
                              crm_span_text(value, effect->pool), end);
    }

    cursor = 0;

    while (value.type == CRM_JSON_ARRAY
           && crm_span_next(value, &cursor, NULL, &item))
    {
        if (item.type != CRM_JSON_STRING
            || !mail_addresses(effect, mail,
                               crm_span_text(item, effect->pool), end))
        {
            return end->kind ? 0
                   : crm_worker_effect_throw(effect, end, 0, "sendmail: a"
                                             " recipient is no address");
        }
    }

    return 1;
}


static int
mail_addresses(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_str_t text, crm_worker_effect_end_t *end)
{
    size_t     i, from;
    crm_str_t  address;

    from = 0;

    for (i = 0; i <= text.len; i++) {

        if (i < text.len && text.data[i] != ',') {
            continue;
        }

        address = mail_trim(crm_str(text.data + from, i - from));
        from = i + 1;

        if (address.len == 0) {
            continue;
        }

        if (!crm_party_is_address(address)) {
            return crm_worker_effect_throw(effect, end, 0, "sendmail: a"
                                           " recipient is no address");
        }

        if (mail->count++ == MAIL_TO_MAX) {
            return crm_worker_effect_throw(effect, end, 0, "sendmail: more"
                                           " than %d recipients", MAIL_TO_MAX);
        }

        crm_buf_puts(&mail->to, mail->to.len ? "," : "");
        crm_buf_json(&mail->to, address);
    }

    return 1;
}


static crm_str_t
mail_trim(crm_str_t text)
{
    while (text.len && text.data[0] == ' ') {
        text.data++;
        text.len--;
    }

    while (text.len && text.data[text.len - 1] == ' ') {
        text.len--;
    }

    return text;
}


static int
mail_is_line(crm_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (((unsigned char) text.data[i] < ' ' && text.data[i] != '\t')
            || text.data[i] == 0x7f)
        {
            return 0;
        }
    }

    return 1;
}


/* As crm_job_head() begins it. A message with a tag is HTML. */
static void
mail_job(crm_worker_effect_t *effect, crm_buf_t *buf,
    const mail_effect_t *mail, crm_str_t id)
{
    int                      html;
    const crm_worker_job_t  *job;

    job = effect->run->job;
    html = memchr(mail->message.data, '<', mail->message.len) != NULL;

    crm_buf_puts(buf, "{\"v\":1,\"id\":");
    crm_buf_json(buf, id);
    crm_buf_puts(buf, ",\"event\":");
    crm_buf_json(buf, job->event);
    crm_buf_puts(buf, ",\"type\":\"email_notifications\",\"org\":");
    crm_buf_json(buf, job->org);
    crm_buf_puts(buf, ",\"module\":");
    crm_buf_json(buf, job->module);
    crm_buf_puts(buf, ",\"record_id\":");
    crm_buf_json(buf, job->record_id);
    crm_buf_puts(buf, ",\"rule\":");
    crm_buf_json(buf, job->rule);
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, crm_ruleset_revision(effect->run->rules));
    crm_buf_puts(buf, ",\"action\":{\"name\":");
    crm_buf_json(buf, effect->run->name);
    crm_buf_puts(buf, ",\"from\":");
    crm_buf_json(buf, mail->from);
    crm_buf_puts(buf, ",\"to\":[");
    crm_buf_str(buf, crm_buf_view(&mail->to));
    crm_buf_puts(buf, "],\"subject\":");
    crm_buf_json(buf, mail->subject);
    crm_buf_puts(buf, html ? ",\"text\":null,\"html\":"
                           : ",\"html\":null,\"text\":");
    crm_buf_json(buf, mail->message);
    crm_buf_puts(buf, "},\"enqueued_at\":");
    crm_buf_int(buf, effect->run->now_ms);
    crm_buf_putc(buf, '}');
}
