/*
 * sendmail: a mail becomes a job of the emails queue, in the step in which it
 * is remembered; there it is counted and sent as the mail of a rule is.
 *
 *     from, to, cc, bcc, reply to, subject, message, attachments
 *
 * Recipients are texts with commas, or lists; each gets a mail of its own.
 * Attachments are a FILE or a LIST of them.
 */

#include "crm_worker_effect_call.h"
#include "crm_worker_mail.h"

#include "base/crm_limits.h"
#include "queue/crm_job.h"
#include "rules/crm_party.h"


#define MAIL_TO_MAX  500        /* as of a rule's mail */

typedef struct {
    crm_buf_t  to;              /* JSON texts with commas */
    size_t     count;
    crm_str_t  from;
    crm_str_t  subject;
    crm_str_t  message;
    crm_str_t  reply_to;        /* data NULL: none is said */
    crm_buf_t  files;           /* JSON objects with commas */
    size_t     n_files;
    size_t     bytes;           /* of the files */
} mail_effect_t;


static int mail_keys(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_worker_effect_end_t *end);
static int mail_key(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_str_t key, crm_span_t value, crm_worker_effect_end_t *end);
static int mail_check(crm_worker_effect_t *effect, const mail_effect_t *mail,
    crm_worker_effect_end_t *end);
static int mail_to(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_span_t value, crm_worker_effect_end_t *end);
static int mail_addresses(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_str_t text, crm_worker_effect_end_t *end);
static int mail_files(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_span_t value, crm_worker_effect_end_t *end);
static int mail_file(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_span_t file, crm_worker_effect_end_t *end);
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
    crm_buf_init(&mail.files, effect->pool, CRM_MAX_JOB_BYTES);

    if (!mail_keys(effect, &mail, end) || !mail_check(effect, &mail, end)) {
        return 0;
    }

    crm_buf_init(&buf, effect->pool, CRM_MAX_JOB_BYTES);
    mail_job(effect, &buf, &mail, effect->id);

    if (crm_buf_status(&mail.files) != CRM_OK
        || crm_buf_status(&buf) != CRM_OK)
    {
        return crm_worker_effect_throw(effect, end, 0,
                                       "the mail is too large");
    }

    if (mail.count * buf.len > CRM_WORKER_MAIL_MAX_BYTES) {
        return crm_worker_effect_throw(effect, end, 0, "sendmail: it is too"
                                       " large for so many recipients: 16 MiB"
                                       " in all");
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
    crm_str_t   key;
    crm_span_t  name, value;

    cursor = 0;

    while (crm_span_next(effect->args[0], &cursor, &name, &value)) {
        key = crm_span_text(name, effect->pool);

        if (!mail_key(effect, mail, key, value, end)) {
            return 0;
        }
    }

    return 1;
}


/* As the vendor writes them, or otherwise: Attachments, Reply to. */
static int
mail_key(crm_worker_effect_t *effect, mail_effect_t *mail, crm_str_t key,
    crm_span_t value, crm_worker_effect_end_t *end)
{
    crm_str_t  text;

    if (crm_str_caseeq(key, CRM_STR("to"))
        || crm_str_caseeq(key, CRM_STR("cc"))
        || crm_str_caseeq(key, CRM_STR("bcc")))
    {
        return mail_to(effect, mail, value, end);
    }

    if (crm_str_caseeq(key, CRM_STR("attachments"))) {
        return mail_files(effect, mail, value, end);
    }

    text = value.type == CRM_JSON_STRING
           ? crm_span_text(value, effect->pool) : crm_span_raw(value);

    if (crm_str_caseeq(key, CRM_STR("from"))) {
        mail->from = text;

    } else if (crm_str_caseeq(key, CRM_STR("reply to"))) {
        mail->reply_to = mail_trim(text);

    } else if (crm_str_caseeq(key, CRM_STR("subject"))) {
        mail->subject = text;

    } else if (crm_str_caseeq(key, CRM_STR("message"))) {
        mail->message = text;

    } else {
        return crm_worker_effect_throw(effect, end, 0, "sendmail knows no"
                                       " \"%.*s\" here", (int) key.len,
                                       key.data);
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
          : mail->reply_to.data && !crm_party_is_address(mail->reply_to)
          ? "reply to must be an address"
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


/* A FILE, or a LIST of them. */
static int
mail_files(crm_worker_effect_t *effect, mail_effect_t *mail,
    crm_span_t value, crm_worker_effect_end_t *end)
{
    size_t      cursor;
    crm_span_t  item;

    if (value.type != CRM_JSON_ARRAY) {
        return mail_file(effect, mail, value, end);
    }

    cursor = 0;

    while (crm_span_next(value, &cursor, NULL, &item)) {
        if (!mail_file(effect, mail, item, end)) {
            return 0;
        }
    }

    return 1;
}


static int
mail_file(crm_worker_effect_t *effect, mail_effect_t *mail, crm_span_t file,
    crm_worker_effect_end_t *end)
{
    crm_str_t    name;
    crm_span_t   letters;
    const char  *why;

    name = crm_worker_effect_file_text(effect, file, "file.name");
    letters.len = 0;
    why = NULL;

    if (!crm_worker_effect_is_file(file)) {
        why = "an attachment is no FILE";

    } else {
        letters = crm_span_member(file, CRM_STR(CRM_WORKER_EFFECT_FILE));
        why = name.len == 0 || name.len > CRM_MAX_MAIL_FILE_NAME
              ? "an attachment's name has 1 to 200 bytes"
              : mail->n_files++ == CRM_MAX_MAIL_FILES
              ? "more than 10 attachments" : NULL;
        mail->bytes += letters.len / 4 * 3;
    }

    if (why == NULL && mail->bytes > CRM_MAX_MAIL_FILE_BYTES) {
        why = "the attachments are larger than 512 KiB";
    }

    if (why != NULL) {
        return crm_worker_effect_throw(effect, end, 0, "sendmail: %s", why);
    }

    crm_buf_puts(&mail->files, mail->files.len ? ",{\"name\":"
                                               : "{\"name\":");
    crm_buf_json(&mail->files, name);
    crm_buf_puts(&mail->files, ",\"type\":");
    crm_buf_json(&mail->files, crm_worker_effect_file_text(effect, file,
                                                           "file.type"));
    crm_buf_puts(&mail->files, ",\"base64\":");
    crm_buf_str(&mail->files, crm_span_raw(letters));
    crm_buf_putc(&mail->files, '}');

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


/* A message with a tag is HTML. */
static void
mail_job(crm_worker_effect_t *effect, crm_buf_t *buf,
    const mail_effect_t *mail, crm_str_t id)
{
    int                      html;
    crm_job_head_t           head;
    const crm_worker_job_t  *job;

    job = effect->run->job;
    html = memchr(mail->message.data, '<', mail->message.len) != NULL;

    head.type = "email_notifications";
    head.id = id;
    head.event = job->event;
    head.org = job->org;
    head.module = job->module;
    head.record_id = job->record_id;
    head.rule = job->rule;

    crm_job_begin(buf, &head);
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, crm_ruleset_revision(effect->run->rules));
    crm_buf_puts(buf, ",\"action\":{\"name\":");
    crm_buf_json(buf, effect->run->name);
    crm_buf_puts(buf, ",\"from\":");
    crm_buf_json(buf, mail->from);
    crm_buf_puts(buf, ",\"to\":[");
    crm_buf_str(buf, crm_buf_view(&mail->to));
    crm_buf_putc(buf, ']');

    if (mail->reply_to.data != NULL) {
        crm_buf_puts(buf, ",\"reply_to\":");
        crm_buf_json(buf, mail->reply_to);
    }

    if (mail->files.len) {
        crm_buf_puts(buf, ",\"files\":[");
        crm_buf_str(buf, crm_buf_view(&mail->files));
        crm_buf_putc(buf, ']');
    }

    crm_buf_puts(buf, ",\"subject\":");
    crm_buf_json(buf, mail->subject);
    crm_buf_puts(buf, html ? ",\"text\":null,\"html\":"
                           : ",\"html\":null,\"text\":");
    crm_buf_json(buf, mail->message);
    crm_buf_puts(buf, "},\"enqueued_at\":");
    crm_buf_int(buf, effect->run->now_ms);
    crm_buf_putc(buf, '}');
}
