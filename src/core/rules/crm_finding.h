/*
 * Findings: everything that is wrong in a set of rules, all in one run.
 *
 * A finding names an object of the bundle and a path inside it. Who read the
 * object from a file turns that into file, line and column.
 */

#ifndef CRM_FINDING_H
#define CRM_FINDING_H

#include "base/crm_pool.h"


typedef enum {
    CRM_ERROR = 0,
    CRM_WARNING,
    CRM_HINT                    /* nothing is wrong, but worth a look */
} crm_severity_t;

/* A finding that concerns no object of the bundle. */
#define CRM_NO_OBJECT  ((size_t) -1)

typedef struct {
    crm_severity_t  severity;
    size_t          object;         /* index into the bundle's "objects" */
    const char     *path;           /* "conditions[0].criteria.group[1]", "" */
    int             at_key;         /* 1: the key at path, 0: its value */
    const char     *code;           /* unknown_key, missing_key, ... */
    const char     *message;
    const char     *suggestion;     /* what to write instead, or NULL */
    size_t          twin;           /* 1 + the object that there was first, or
                                     * 0: of one that there is twice */
} crm_finding_t;

typedef struct {
    crm_pool_t     *pool;
    crm_finding_t  *items;          /* in order of discovery */
    size_t          count;
    size_t          cap;
    size_t          errors;         /* also of those that were dropped */
    size_t          dropped;        /* behind the first CRM_MAX_FINDINGS */
    crm_status_t    status;         /* CRM_ENOMEM: findings are missing */
} crm_findings_t;


/* Findings and their texts live in pool. */
void crm_findings_init(crm_findings_t *findings, crm_pool_t *pool);

/*
 * Adds a finding; path and suggestion (or NULL) are copied, code is borrowed.
 * Without memory it sticks as findings->status, and the set must be refused.
 */
void crm_findings_add(crm_findings_t *findings, crm_severity_t severity,
    size_t object, const char *path, int at_key, const char *code,
    const char *suggestion, const char *fmt, ...)
    __attribute__((format(printf, 8, 9)));

/* The finding that was added last is about an object that is there before, as
 * the one of that index. */
void crm_findings_twin(crm_findings_t *findings, size_t object);

#endif
