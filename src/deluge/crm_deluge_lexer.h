/*
 * Source to tokens, one at a time, each with its place.
 */

#ifndef CRM_DELUGE_LEXER_H
#define CRM_DELUGE_LEXER_H

#include "base/crm_pool.h"


#define CRM_DELUGE_SOURCE_MAX  (64 * 1024)

/* Where something stands: both from 1 on, columns counted in characters. */
typedef struct {
    int  line;
    int  column;
} crm_deluge_place_t;

/* A sentence without a full stop, and the place that it speaks of. */
typedef struct {
    crm_deluge_place_t  place;      /* line 0: none */
    char                text[240];
} crm_deluge_error_t;

/* Fills *err and returns code. */
crm_status_t crm_deluge_fail(crm_deluge_error_t *err, crm_status_t code,
    crm_deluge_place_t place, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));


typedef enum {
    CRM_DELUGE_T_END = 0,
    CRM_DELUGE_T_NAME,
    CRM_DELUGE_T_NUMBER,        /* text: its digits */
    CRM_DELUGE_T_TEXT,          /* text: what it stands for */
    CRM_DELUGE_T_MOMENT,        /* text between single quotes */
    CRM_DELUGE_T_SIGN           /* text: one of + == ; ( ... */
} crm_deluge_token_kind_t;

typedef struct {
    crm_deluge_token_kind_t  kind;
    crm_str_t                text;
    crm_deluge_place_t       place;
} crm_deluge_token_t;

typedef struct {
    const char          *p;
    const char          *end;
    crm_deluge_place_t   place;
    crm_pool_t          *pool;
    crm_deluge_error_t  *err;
} crm_deluge_lexer_t;


/* CRM_EINVAL: source is no UTF-8, or longer than CRM_DELUGE_SOURCE_MAX. */
crm_status_t crm_deluge_lexer_init(crm_deluge_lexer_t *lexer,
    crm_str_t source, crm_pool_t *pool, crm_deluge_error_t *err);

/* CRM_OK (END again and again behind the last), CRM_EINVAL, CRM_ENOMEM. */
crm_status_t crm_deluge_lexer_next(crm_deluge_lexer_t *lexer,
    crm_deluge_token_t *token);

#endif
