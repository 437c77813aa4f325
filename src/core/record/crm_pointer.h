/*
 * Pointers into JSON: RFC 6901, and "*" for each element of an array or each
 * member of an object. They walk over spans that the scanner has checked.
 */

#ifndef CRM_POINTER_H
#define CRM_POINTER_H

#include "record/crm_scan.h"


/* Of one pointer: the deepest API that was met has six. */
#define CRM_POINTER_MAX_STEPS  8

typedef struct {
    const crm_str_t  *steps;        /* unescaped; "*" is each */
    unsigned          count;        /* 0: the whole text */
    unsigned          each;         /* how many steps are "*" */
    unsigned          set;          /* 0: there is no pointer */
} crm_pointer_t;

/* A walk over all that a pointer leads to, in the order of the text. */
typedef struct {
    const crm_pointer_t  *pointer;
    crm_span_t            root;
    int                   begun;
    unsigned              depth;    /* open "*" steps */
    unsigned              steps[CRM_POINTER_MAX_STEPS];
    crm_span_t            lists[CRM_POINTER_MAX_STEPS];
    size_t                cursors[CRM_POINTER_MAX_STEPS];
} crm_pointer_walk_t;


/* text is "" or begins with a slash. CRM_EINVAL with *err, CRM_ENOMEM. */
crm_status_t crm_pointer_parse(crm_pointer_t *pointer, crm_str_t text,
    crm_pool_t *pool, crm_error_t *err);

void crm_pointer_walk(crm_pointer_walk_t *walk, const crm_pointer_t *pointer,
    crm_span_t root);

/* The next value; 0 at the end. */
int crm_pointer_next(crm_pointer_walk_t *walk, crm_span_t *value);

/* The first value, or a span of CRM_JSON_NONE: no such, or no pointer. */
crm_span_t crm_pointer_get(const crm_pointer_t *pointer, crm_span_t root);

#endif
