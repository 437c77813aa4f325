/*
 * What a relay and libcurl have said to each other, and what it comes to.
 */

#include "crm_worker_smtp_talk.h"

#include "crm_worker_smtp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>


static const char *talk_class(const crm_worker_smtp_talk_t *talk,
    CURLcode code, CURL *easy);


static const struct {
    const char  *command;
    const char  *name;
} talk_stages[] = {
    { "", "the greeting" },
    { "EHLO", "EHLO" },
    { "STARTTLS", "STARTTLS" },
    { "AUTH", "AUTH" },
    { "MAIL", "MAIL" },
    { "RCPT", "RCPT" },
    { "DATA", "DATA" },
    { "", "the message" }
};

#define TALK_STAGES  (sizeof(talk_stages) / sizeof(talk_stages[0]))


/* They only go on: an answer to AUTH may look like a command. */
void
crm_worker_smtp_talk_command(crm_worker_smtp_talk_t *talk, crm_str_t line)
{
    size_t    n;
    unsigned  i;

    if (line.len >= 4 && strncasecmp(line.data, "QUIT", 4) == 0) {
        talk->leaving = 1;
        return;
    }

    for (i = CRM_WORKER_SMTP_EHLO; i < TALK_STAGES; i++) {
        n = strlen(talk_stages[i].command);

        if (n && line.len >= n
            && strncasecmp(line.data, talk_stages[i].command, n) == 0
            && i > talk->stage)
        {
            talk->stage = (crm_worker_smtp_stage_t) i;
            return;
        }
    }
}


void
crm_worker_smtp_talk_message(crm_worker_smtp_talk_t *talk)
{
    talk->stage = CRM_WORKER_SMTP_MESSAGE;
}


/* A line of an answer; the last one has a blank behind its code. */
crm_worker_smtp_said_t
crm_worker_smtp_talk_answer(crm_worker_smtp_talk_t *talk, crm_str_t line)
{
    unsigned     i;
    const char  *data;

    data = line.data;
    talk->answer_bytes += line.len;

    if (talk->answer_bytes > CRM_WORKER_SMTP_MAX_ANSWER) {
        return CRM_WORKER_SMTP_TOO_MUCH;
    }

    if (line.len < 4 || data[3] == '-' || talk->leaving) {
        return CRM_WORKER_SMTP_MORE;
    }

    for (i = 0; i < 3; i++) {
        if (data[i] < '0' || data[i] > '9') {
            return CRM_WORKER_SMTP_MORE;
        }
    }

    talk->code = (unsigned) ((data[0] - '0') * 100 + (data[1] - '0') * 10
                             + data[2] - '0');
    talk->answered = talk->stage;

    return talk->stage == CRM_WORKER_SMTP_MESSAGE
           || (talk->code >= 400 && talk->stage != CRM_WORKER_SMTP_EHLO)
           ? CRM_WORKER_SMTP_OVER : CRM_WORKER_SMTP_MORE;
}


void
crm_worker_smtp_talk_outcome(const crm_worker_smtp_talk_t *talk,
    CURLcode code, CURL *easy, crm_worker_outcome_t *outcome)
{
    char                   class[32], at[64];
    crm_worker_verdict_t   verdict;

    if (talk->answered == CRM_WORKER_SMTP_MESSAGE && talk->code == 250) {
        crm_worker_outcome_set(outcome, CRM_WORKER_DELIVERED, "status_250",
                               NULL);
        return;
    }

    if (code != CURLE_OK && talk->code >= 400 && talk->code < 600
        && talk->code != 0 && talk->answered == talk->stage)
    {
        verdict = talk->code >= 500 && talk->answered >= CRM_WORKER_SMTP_MAIL
                  ? CRM_WORKER_REFUSED : CRM_WORKER_FAILED;

        snprintf(class, sizeof(class), "status_%u", talk->code);
        snprintf(at, sizeof(at), "the relay, at %s",
                 talk_stages[talk->answered].name);
        crm_worker_outcome_set(outcome, verdict, class, at);

        if (verdict == CRM_WORKER_REFUSED) {
            outcome->status = (int) talk->code;
        }

        return;
    }

    snprintf(at, sizeof(at), "the relay, at %s",
             talk_stages[talk->stage].name);
    crm_worker_outcome_set(outcome, CRM_WORKER_FAILED,
                           talk_class(talk, code, easy),
                           code == CURLE_USE_SSL_FAILED
                           ? "the relay offers no STARTTLS" : at);
}


static const char *
talk_class(const crm_worker_smtp_talk_t *talk, CURLcode code, CURL *easy)
{
    long  os_errno;

    if (talk->answer_bytes > CRM_WORKER_SMTP_MAX_ANSWER) {
        return CRM_WORKER_BAD_ANSWER;
    }

    switch (code) {

    case CURLE_COULDNT_CONNECT:
        os_errno = 0;
        curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);

        return os_errno == ECONNREFUSED ? CRM_WORKER_CONNECTION_REFUSED
               : os_errno == ETIMEDOUT ? CRM_WORKER_TIMEOUT
               : CRM_WORKER_CONNECT_ERROR;

    case CURLE_OPERATION_TIMEDOUT:
        return CRM_WORKER_TIMEOUT;

    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return CRM_WORKER_TLS_ERROR;

    case CURLE_LOGIN_DENIED:
        return CRM_WORKER_SECRET_ERROR;

    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        return CRM_WORKER_CONNECTION_LOST;

    case CURLE_SEND_ERROR:
        return talk->answered == talk->stage ? CRM_WORKER_BAD_ANSWER
                                             : CRM_WORKER_CONNECTION_LOST;

    default:
        return CRM_WORKER_BAD_ANSWER;
    }
}
