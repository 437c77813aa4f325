/*
 * One mail to the relay: one connection, one sender, one recipient.
 *
 *   start -> relay's name resolved -> libcurl: EHLO, STARTTLS, AUTH, MAIL,
 *   RCPT, DATA -> done
 *
 * What the relay says decides: 2yz after the data is delivered; 4yz failed,
 * as is everything before MAIL, which is the relay's matter and not the
 * mail's; 5yz from MAIL on refused. Without the last word the mail is failed,
 * and the relay may have it: the next attempt carries the same Message-ID.
 */

#ifndef CRM_WORKER_SMTP_H
#define CRM_WORKER_SMTP_H

#include "crm_worker_http.h"


#define CRM_WORKER_SMTP_CONNECT_MS  5000
#define CRM_WORKER_SMTP_IDLE_S      10      /* without a byte */

/* Of all that a relay says: some lines a step. */
#define CRM_WORKER_SMTP_MAX_ANSWER  (64 * 1024)


typedef struct {
    crm_worker_loop_t  *loop;
    crm_str_t           url;            /* smtp:// or smtps:// */
    int                 plain;          /* without TLS if smtp:// says so */
    const char         *ca_file;        /* NULL: the system's */
    crm_str_t           user;           /* data NULL: no AUTH */
    crm_str_t           password;
    int64_t             timeout_ms;     /* of all of it */
} crm_worker_smtp_t;

typedef struct crm_worker_smtp_call_s  crm_worker_smtp_call_t;


/*
 * Starts to send message, which lives until done; all else is copied. NULL
 * with *outcome filled when it cannot begin: done will not be called.
 */
crm_worker_smtp_call_t *crm_worker_smtp_start(const crm_worker_smtp_t *smtp,
    crm_str_t from, crm_str_t to, crm_str_t message,
    crm_worker_http_done_pt done, void *data, crm_worker_outcome_t *outcome);

/* Ends it without calling done. */
void crm_worker_smtp_cancel(crm_worker_smtp_call_t *call);

#endif
