/*
 * What a relay and libcurl have said to each other, and what it comes to: of
 * an error libcurl tells a class alone, and what counts is which command the
 * relay refused, and with which code.
 *
 *   command or message -> answer, line by line -> ... -> outcome
 */

#ifndef CRM_WORKER_SMTP_TALK_H
#define CRM_WORKER_SMTP_TALK_H

#include "crm_worker_outcome.h"

#include <curl/curl.h>


/* What was sent last; the relay's answers are about it. */
typedef enum {
    CRM_WORKER_SMTP_GREETING = 0,
    CRM_WORKER_SMTP_EHLO,
    CRM_WORKER_SMTP_STARTTLS,
    CRM_WORKER_SMTP_AUTH,
    CRM_WORKER_SMTP_MAIL,
    CRM_WORKER_SMTP_RCPT,
    CRM_WORKER_SMTP_DATA,
    CRM_WORKER_SMTP_MESSAGE
} crm_worker_smtp_stage_t;

/* Behind a line of an answer. */
typedef enum {
    CRM_WORKER_SMTP_MORE = 0,
    CRM_WORKER_SMTP_OVER,           /* the mail is taken, or refused */
    CRM_WORKER_SMTP_TOO_MUCH        /* it talks too long */
} crm_worker_smtp_said_t;

/* All 0 at the beginning. */
typedef struct {
    crm_worker_smtp_stage_t  stage;
    crm_worker_smtp_stage_t  answered;      /* the stage of code */
    unsigned                 code;          /* the last whole answer's */
    size_t                   answer_bytes;
    unsigned                 leaving:1;     /* QUIT: no answer counts */
} crm_worker_smtp_talk_t;


/* A line that was sent; the message is on its way. */
void crm_worker_smtp_talk_command(crm_worker_smtp_talk_t *talk,
    crm_str_t line);
void crm_worker_smtp_talk_message(crm_worker_smtp_talk_t *talk);

/* A line of an answer. */
crm_worker_smtp_said_t crm_worker_smtp_talk_answer(
    crm_worker_smtp_talk_t *talk, crm_str_t line);

/* When libcurl has ended with code. */
void crm_worker_smtp_talk_outcome(const crm_worker_smtp_talk_t *talk,
    CURLcode code, CURL *easy, crm_worker_outcome_t *outcome);

#endif
