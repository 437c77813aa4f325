/*
 * The parts of the document of crm_held.h. Private to its writers.
 */

#ifndef CRM_HELD_KIND_H
#define CRM_HELD_KIND_H

#include "decide/crm_write.h"
#include "decide/crm_held.h"
#include "rules/crm_who.h"


typedef struct {
    const crm_held_t    *in;
    const crm_module_t  *module;        /* NULL: it has no rules */
    crm_buf_t           *buf;           /* the document */
    crm_buf_t            says;          /* its last list */
    crm_pool_t          *pool;
    crm_write_t          write;         /* a deletion by user, as far as it is
                                           judged here; before: as stored */
    crm_who_near_t       near;
} crm_held_doc_t;


crm_status_t crm_held_lock(crm_held_doc_t *d);
crm_status_t crm_held_process_approval(crm_held_doc_t *d);
crm_status_t crm_held_process_blueprint(crm_held_doc_t *d);

/* A sentence. */
void crm_held_say(crm_held_doc_t *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads the JSON object in that field of the record's hash: CRM_DECLINED when
 * there is none, or none that can be read, which is told. */
crm_status_t crm_held_state(crm_record_t *state, crm_held_doc_t *d,
    const char *field);

/* A member of it as text; empty for what is none. */
crm_str_t crm_held_text(const crm_record_t *state, const char *name,
    crm_pool_t *pool);

/* ,"name":VALUE as it stands in state; null for what is not there. */
void crm_held_copy(crm_held_doc_t *d, const crm_record_t *state,
    const char *name);

/* ,"name":true|false|null */
void crm_held_truth(crm_held_doc_t *d, const char *name, crm_truth_t truth);

/* ["a","b"] */
void crm_held_list(crm_held_doc_t *d, const crm_str_t *names, size_t count);

/* "Ann Lee (u1)", or the id. */
crm_str_t crm_held_person(crm_held_doc_t *d, crm_str_t id);

/* "a, b and c", or none. */
crm_str_t crm_held_enumerate(crm_held_doc_t *d, const crm_str_t *names,
    size_t count, const char *none);

/* "2026-11-22T18:50:03.000Z", from a number of milliseconds as text. */
crm_str_t crm_held_time(crm_held_doc_t *d, crm_str_t ms);

#endif
