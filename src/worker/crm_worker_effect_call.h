/*
 * An effect under way: what its rows share, and the requests that they make.
 *
 * Private to the files crm_worker_effect*.c.
 */

#ifndef CRM_WORKER_EFFECT_CALL_H
#define CRM_WORKER_EFFECT_CALL_H

#include "crm_worker_ask.h"
#include "crm_worker_backend.h"
#include "crm_worker_effect.h"

#include "record/crm_dialect_write.h"
#include "rules/crm_names.h"


#define CRM_WORKER_EFFECT_ARGS     6
#define CRM_WORKER_EFFECT_FILE     "file.base64"    /* key of a FILE's bytes */
#define CRM_WORKER_EFFECT_BUSY_MS  1000     /* a record that others write */

/* Lives in its pool. */
struct crm_worker_effect_s {
    crm_worker_effect_run_t    *run;
    crm_str_t                   id;         /* JOB:N */
    crm_str_t                   text;
    crm_pool_t                 *pool;
    crm_worker_effect_done_pt   done;
    void                       *data;

    crm_span_t                  list;       /* of the arguments */
    crm_span_t                  args[CRM_WORKER_EFFECT_ARGS];
    size_t                      count;

    crm_worker_backend_t        backend;
    crm_str_t                   record_id;  /* that is written */
    crm_str_t                   type;       /* of the body; empty: JSON */
    crm_worker_http_call_t     *call;       /* one of these, or none */
    crm_worker_ask_t           *ask;
    crm_worker_answer_t         answer;
    unsigned                    starved:1;  /* of memory, for a text */

    const crm_variable_t       *variable;   /* that is asked for */

    /* Makes an end of the answer. */
    void                      (*read)(crm_worker_effect_t *effect,
                                      crm_worker_effect_end_t *end);
};


/* Ends it with a sentence that the script can catch. Returns 0. */
int crm_worker_effect_throw(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end, int passing, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Fills effect->backend; 0: there is none, and *end says so. */
int crm_worker_effect_backend(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);

/* The same of a backend that speaks the vendor's API. */
int crm_worker_effect_vendor(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);

/* An answer that is none of those that were hoped for; said, unless NULL, is
 * what it says of a record. */
void crm_worker_effect_refused(crm_worker_effect_t *effect,
    const crm_dialect_said_t *said, crm_worker_effect_end_t *end);

/* An argument as text: a string's, or a number as it stands. Empty: none, or
 * no memory. */
crm_str_t crm_worker_effect_arg(crm_worker_effect_t *effect, size_t i);

void crm_worker_effect_escape(crm_buf_t *path, crm_str_t text);

/* GET from the backend; a path without data is want of memory. 1: under way,
 * else *end is filled. */
int crm_worker_effect_fetch(crm_worker_effect_t *effect, crm_str_t path,
    crm_worker_effect_end_t *end);

/* A write to the backend, likewise. */
int crm_worker_effect_send(crm_worker_effect_t *effect,
    const crm_dialect_request_t *made, crm_str_t url, crm_str_t chain,
    crm_worker_effect_end_t *end);

/* One more request of this run: 0 and *end when that is one too many. */
int crm_worker_effect_count(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);

/* What http calls when it has an answer, or none. */
void crm_worker_effect_answered(void *data,
    const crm_worker_outcome_t *outcome);

/* crm_worker_effect_file.c: a FILE as the function's process writes it, and
 * a form of fields (an object, or none) and files (one, or a list), whose
 * Content-Type becomes effect->type. 0: it cannot be made. */
int crm_worker_effect_is_file(crm_span_t value);
crm_str_t crm_worker_effect_file_text(crm_worker_effect_t *effect,
    crm_span_t file, const char *key);
int crm_worker_effect_files(crm_worker_effect_t *effect, crm_buf_t *body,
    crm_span_t fields, crm_span_t files);

/* crm_worker_effect_write.c */
int crm_worker_effect_create(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
int crm_worker_effect_update(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
int crm_worker_effect_upsert(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
int crm_worker_effect_bulk_create(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
int crm_worker_effect_bulk_update(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
int crm_worker_effect_relate(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
int crm_worker_effect_convert(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
int crm_worker_effect_attach(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);

/* crm_worker_effect_written.c: ends of their answers, of one record, of many,
 * of a lead that was converted. */
void crm_worker_effect_written(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
void crm_worker_effect_written_each(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
void crm_worker_effect_converted(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);

/* crm_worker_effect_variable.c */
int crm_worker_effect_variable(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
int crm_worker_effect_set_variable(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);

/* crm_worker_effect_mail.c */
int crm_worker_effect_mail(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);

/* crm_worker_effect_connection.c: the headers of a connection, for a request
 * to url. 0: there are none for it, and *end says why. */
struct curl_slist;
int crm_worker_effect_connection(crm_worker_effect_t *effect, crm_str_t name,
    crm_str_t url, struct curl_slist **headers, crm_worker_effect_end_t *end);

/* crm_worker_effect_url.c; an option of invokeurl as text: a string's, anything
 * else as it stands, empty for what is not there; whether a text is an object
 * or a list of JSON. */
int crm_worker_effect_url(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
crm_str_t crm_worker_effect_url_option(crm_worker_effect_t *effect,
    const char *name);
int crm_worker_effect_url_is_json(crm_worker_effect_t *effect,
    crm_str_t text);

/* crm_worker_effect_url_read.c: the end of its answer. */
void crm_worker_effect_url_read(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);

#endif
