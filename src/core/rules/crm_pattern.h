/*
 * Patterns: "(1 and 2) or 3" over numbered rows.
 *
 *     pattern = operand *( op operand )
 *     operand = number | "(" pattern ")"
 *     op      = "and" | "or"                  in any case
 *
 * There is no precedence but that of brackets: what stands without is read
 * from left to right, "1 or 2 and 3" as "(1 or 2) and 3". White space may
 * stand between any two, and must between a number and a word.
 */

#ifndef CRM_PATTERN_H
#define CRM_PATTERN_H

#include "rules/crm_criteria.h"


/* A node in prefix order, as crm_node_t, with a row's number for a leaf. */
typedef struct {
    crm_node_type_t  type;
    unsigned         row;       /* 1-based */
    unsigned         next;      /* index behind this node's last member */
} crm_pattern_node_t;

typedef struct {
    crm_pattern_node_t  *nodes;
    unsigned             count;
} crm_pattern_t;


/*
 * Reads text (at most CRM_MAX_PATTERN bytes) over rows rows, each of which must
 * be named at least once. Neighbours that one operator joins become one group:
 * no member of a group is a group of the same operator, and every group has
 * two members at least. CRM_EINVAL with the byte and a sentence in *err;
 * CRM_ENOMEM.
 */
crm_status_t crm_pattern_parse(crm_pattern_t *pattern, crm_str_t text,
    unsigned rows, crm_pool_t *pool, crm_error_t *err);

#endif
