/*
 * Records to HTTP: how one backend's API is asked to write, for automation's
 * own writes, and what it says to them.
 *
 * The worker sends what stands here through the guarded location, whose
 * dialect it is.
 */

#ifndef CRM_DIALECT_WRITE_H
#define CRM_DIALECT_WRITE_H

#include "record/crm_dialect.h"


typedef enum {
    CRM_WRITE_UPDATE = 0,
    CRM_WRITE_CREATE,
    CRM_WRITE_ADD_TAGS,
    CRM_WRITE_REMOVE_TAGS
} crm_write_kind_t;

typedef struct {
    crm_write_kind_t  kind;
    crm_str_t         module;
    crm_str_t         record_id;        /* empty on create */
    crm_span_t        fields;           /* an object; NONE: no fields */
    crm_str_t         owner;            /* a user's id; empty: as fields say */
    crm_span_t        tags;             /* a list of texts, of ..._TAGS */
    int               cascade;          /* may start workflow rules */
    int               task;             /* a task: fields are the vendor's */
} crm_dialect_write_t;

typedef struct {
    crm_str_t  name;
    crm_str_t  value;
} crm_dialect_header_t;

typedef struct {
    const char                  *method;
    crm_str_t                    path;  /* behind the API's version, without a
                                           slash in front, percent-encoded */
    crm_str_t                    body;  /* JSON */
    const crm_dialect_header_t  *headers;
    size_t                       headers_count;
} crm_dialect_request_t;

/* What an answer says of the one record that was written. */
typedef struct {
    crm_outcome_kind_t  kind;
    crm_str_t           code;           /* the backend's word; may be empty */
    crm_str_t           message;        /* its sentence, likewise */
    crm_str_t           record_id;      /* where it names one */
} crm_dialect_said_t;


/* The request that writes it. CRM_DECLINED: this dialect has no way to say
 * that; CRM_ENOMEM. */
crm_status_t crm_dialect_write(const crm_dialect_t *dialect,
    crm_dialect_request_t *request, const crm_dialect_write_t *write,
    crm_pool_t *pool);

/* What crm_dialect_owner_field() of a record says where that user owns it, as
 * JSON. dialect may be NULL; data is NULL without memory. */
crm_str_t crm_dialect_write_owner(const crm_dialect_t *dialect, crm_str_t user,
    crm_pool_t *pool);

/* Reads an answer, any answer: CRM_OK or CRM_ENOMEM. What it does not name is
 * empty; what cannot be read is told by its status alone. */
crm_status_t crm_dialect_said(const crm_dialect_t *dialect,
    crm_dialect_said_t *said, unsigned status, crm_str_t body,
    crm_pool_t *pool);

#endif
