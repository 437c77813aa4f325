/*
 * Mail: a job becomes one mail a recipient.
 */

#include "crm_worker_mail.h"

#include "crm_worker_end.h"
#include "crm_worker_fetch.h"
#include "crm_worker_mail_split.h"
#include "crm_worker_mime.h"
#include "crm_worker_smtp.h"

#include "base/crm_date.h"
#include "base/crm_limits.h"
#include "base/crm_zone.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>


/* A mail under way: first counted, then sent. */
typedef struct {
    crm_worker_dispatch_tools_t  *tools;
    crm_worker_job_t             *job;
    crm_worker_http_done_pt       done;
    void                         *data;
    crm_worker_mime_t             mime;
    crm_worker_smtp_call_t       *call;
    int64_t                       tomorrow_ms;  /* until then */
    unsigned                      asking:1;
    unsigned                      cancelled:1;
} mail_t;


static crm_status_t  mail_read(mail_t *mail, crm_error_t *err);
static crm_status_t  mail_part(crm_str_t *text, const crm_worker_job_t *job,
    const char *name, crm_error_t *err);
static int   mail_ask(mail_t *mail);
static void  mail_counted(void *data, const crm_reply_t *reply,
    crm_pool_t *pool);
static void  mail_send(mail_t *mail);
static int   mail_relay(mail_t *mail, crm_worker_smtp_t *smtp,
    crm_worker_outcome_t *outcome);
static void  mail_sent(void *data, const crm_worker_outcome_t *outcome);
static void  mail_finish(mail_t *mail, const crm_worker_outcome_t *outcome);


int
crm_worker_mail_able(const crm_worker_config_t *config)
{
    return config->smtp.data != NULL;
}


void *
crm_worker_mail_start(crm_worker_dispatch_tools_t *tools,
    crm_worker_job_t *job, crm_worker_http_done_pt done, void *data,
    crm_worker_outcome_t *outcome)
{
    mail_t        *mail;
    crm_error_t    err;
    crm_status_t   rc;

    rc = crm_worker_mail_split(job, outcome);
    if (rc != CRM_DECLINED) {
        return NULL;
    }

    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED, CRM_WORKER_NO_MEMORY,
                           NULL);

    mail = calloc(1, sizeof(mail_t));
    if (mail == NULL) {
        return NULL;
    }

    mail->tools = tools;
    mail->job = job;
    mail->done = done;
    mail->data = data;

    rc = mail_read(mail, &err);

    if (rc != CRM_OK) {
        if (rc != CRM_ENOMEM) {
            crm_worker_outcome_set(outcome, CRM_WORKER_REFUSED,
                                   CRM_WORKER_MALFORMED_JOB, err.text);
        }

        free(mail);
        return NULL;
    }

    if (!mail_ask(mail)) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_REDIS, NULL);
        outcome->busy_ms = CRM_WORKER_END_SETTLE_MS;
        free(mail);
        return NULL;
    }

    return mail;
}


/* While Redis is asked, the answer finds what it was for and lets go of it. */
void
crm_worker_mail_cancel(void *call)
{
    mail_t  *mail;

    mail = call;

    if (mail->call != NULL) {
        crm_worker_smtp_cancel(mail->call);
    }

    if (mail->asking) {
        mail->cancelled = 1;
        return;
    }

    free(mail);
}


static crm_status_t
mail_read(mail_t *mail, crm_error_t *err)
{
    crm_status_t              rc;
    crm_worker_mime_t        *mime;
    const crm_worker_job_t   *job;

    job = mail->job;
    mime = &mail->mime;

    mime->id = job->lease.id;

    /* when the job was made, so that all attempts say the same */
    mime->at_ms = job->enqueued_ms ? job->enqueued_ms
                                   : (int64_t) time(NULL) * 1000;

    rc = crm_worker_mail_to(&mime->to, job, err);

    if (rc == CRM_OK) {
        rc = mail_part(&mime->from, job, "from", err);
    }
    if (rc == CRM_OK) {
        rc = mail_part(&mime->subject, job, "subject", err);
    }
    if (rc == CRM_OK) {
        rc = mail_part(&mime->text, job, "text", err);
    }
    if (rc == CRM_OK) {
        rc = mail_part(&mime->html, job, "html", err);
    }
    if (rc == CRM_OK) {
        rc = crm_worker_mail_reply(mime, job, err);
    }
    if (rc == CRM_OK) {
        rc = crm_worker_mail_files(mime, job, err);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    return crm_worker_mail_check(mime, err);
}


/* CRM_OK without data when the job lacks it. */
static crm_status_t
mail_part(crm_str_t *text, const crm_worker_job_t *job, const char *name,
    crm_error_t *err)
{
    crm_status_t  rc;

    *text = CRM_STR_NULL;
    rc = crm_worker_job_text(text, job, name, err);

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


/* The organisation's day and how many mails it may send in it. */
static int
mail_ask(mail_t *mail)
{
    char                  text[CRM_DATE_LEN + 1], day[9];
    size_t                users;
    long long             now_s, days, max;
    crm_pool_t           *pool;
    const crm_zone_t     *zone;
    const crm_ruleset_t  *rules;

    rules = crm_worker_fetch_rules(mail->job);
    zone = rules ? crm_ruleset_zone(rules) : NULL;
    users = rules ? crm_ruleset_active_users(rules) : 0;

    max = mail->tools->config->mail_limit;
    if (max == 0) {
        max = CRM_WORKER_MAIL_PER_USER * (long long) (users ? users : 1);
    }

    now_s = (long long) time(NULL);
    days = crm_zone_day(zone, now_s);
    mail->tomorrow_ms = (crm_zone_utc(zone, (days + 1) * CRM_DATE_DAY_S)
                         - now_s) * 1000;

    (void) crm_date_text(text, days);
    memcpy(day, text, 4);
    memcpy(day + 4, text + 5, 2);
    memcpy(day + 6, text + 8, 3);

    pool = crm_pool_create(crm_host_malloc(), 0);

    if (pool == NULL
        || crm_worker_link_send(mail->tools->link, pool,
                                crm_cmd_quota(pool, mail->job->org,
                                              crm_strz(day),
                                              mail->job->lease.id, max),
                                mail_counted, mail)
           != CRM_OK)
    {
        return 0;
    }

    mail->asking = 1;

    return 1;
}


static void
mail_counted(void *data, const crm_reply_t *reply, crm_pool_t *pool)
{
    int                    room;
    mail_t                *mail;
    crm_error_t            err;
    crm_worker_outcome_t   outcome;

    (void) pool;

    mail = data;
    mail->asking = 0;

    if (mail->cancelled) {
        free(mail);
        return;
    }

    if (reply == NULL || crm_take_quota(&room, reply, &err) != CRM_OK) {
        crm_worker_outcome_set(&outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_REDIS,
                               reply ? err.text : NULL);
        outcome.busy_ms = CRM_WORKER_FETCH_POLL_MS;
        mail_finish(mail, &outcome);
        return;
    }

    if (!room) {
        crm_worker_outcome_set(&outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_OVER_QUOTA,
                               "the organisation's mails of today are spent; "
                               "it waits for tomorrow");
        outcome.busy_ms = mail->tomorrow_ms;
        mail_finish(mail, &outcome);
        return;
    }

    mail_send(mail);
}


static void
mail_send(mail_t *mail)
{
    crm_buf_t              buf;
    crm_worker_smtp_t      smtp;
    crm_worker_outcome_t   outcome;

    if (!mail_relay(mail, &smtp, &outcome)) {
        mail_finish(mail, &outcome);
        return;
    }

    crm_buf_init(&buf, mail->job->pool, 0);

    if (crm_worker_mime_encode(&buf, &mail->mime) != CRM_OK) {
        crm_worker_outcome_set(&outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_NO_MEMORY, NULL);
        mail_finish(mail, &outcome);
        return;
    }

    mail->call = crm_worker_smtp_start(&smtp, mail->mime.from, mail->mime.to,
                                       crm_buf_view(&buf), mail_sent, mail,
                                       &outcome);
    if (mail->call == NULL) {
        mail_finish(mail, &outcome);
    }
}


/* Where to, and as whom. 0: not now, and *outcome says why. */
static int
mail_relay(mail_t *mail, crm_worker_smtp_t *smtp,
    crm_worker_outcome_t *outcome)
{
    crm_error_t                 err;
    const crm_worker_config_t  *config;

    config = mail->tools->config;
    memset(smtp, 0, sizeof(crm_worker_smtp_t));

    if (config->smtp.data == NULL) {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_CONNECT_ERROR,
                               "this worker has no --smtp any more");
        outcome->busy_ms = CRM_WORKER_FETCH_POLL_MS;
        return 0;
    }

    smtp->loop = mail->tools->loop;
    smtp->url = config->smtp;
    smtp->plain = config->smtp_plain;
    smtp->ca_file = config->ca_file.data;
    smtp->timeout_ms = config->timeout_ms;
    smtp->user = config->smtp_user;

    if (config->smtp_password.data != NULL
        && crm_worker_secret_text(&smtp->password, &mail->tools->secrets,
                                  config->smtp_password, &err)
           != CRM_OK)
    {
        crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                               CRM_WORKER_SECRET_ERROR, err.text);
        return 0;
    }

    return 1;
}


static void
mail_sent(void *data, const crm_worker_outcome_t *outcome)
{
    mail_t  *mail;

    mail = data;
    mail->call = NULL;

    mail_finish(mail, outcome);
}


static void
mail_finish(mail_t *mail, const crm_worker_outcome_t *outcome)
{
    void                     *data;
    crm_worker_http_done_pt   done;

    done = mail->done;
    data = mail->data;
    free(mail);
    done(data, outcome);
}
