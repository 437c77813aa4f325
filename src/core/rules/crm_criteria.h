/*
 * Criteria: a tree as people write it, and the program it is compiled to.
 *
 * Leaves become predicates: a slot, a comparator and folded constants. Equal
 * predicates of one CRM module are one predicate, evaluated at most once a
 * record. Evaluation has three values: what depends on a field that nobody
 * could learn is unknown; that is no match for a workflow rule and a match for
 * a lock.
 */

#ifndef CRM_CRITERIA_H
#define CRM_CRITERIA_H

#include <jansson.h>

#include "record/crm_image.h"
#include "rules/crm_finding.h"


typedef enum {
    CRM_FALSE = 0,
    CRM_TRUE,
    CRM_MAYBE                   /* unknown */
} crm_truth_t;

typedef struct crm_comparator_s  crm_comparator_t;

/* A constant of the rules, ready to be compared. */
typedef struct {
    crm_value_t    value;
    crm_str_t      folded;      /* of text and lookups */
    crm_decimal_t  decimal;
    int            numeric;     /* decimal is valid */
    int            is_empty;    /* ${EMPTY} */
} crm_operand_t;

typedef struct {
    unsigned                 slot;
    crm_field_type_t         type;
    const crm_comparator_t  *comparator;
    crm_operand_t           *operands;
    unsigned                 count;
    unsigned                 uses;          /* how many leaves share it */
    crm_str_t                key;           /* identity among predicates */
} crm_predicate_t;

/* The predicates of one CRM module, shared by all its rules. */
typedef struct {
    crm_pool_t        *pool;
    crm_map_t          keys;            /* key to index + 1 */
    crm_predicate_t  **items;
    unsigned           count;
    unsigned           cap;
} crm_predicates_t;


typedef enum {
    CRM_NODE_LEAF = 0,
    CRM_NODE_AND,
    CRM_NODE_OR
} crm_node_type_t;

/* A node of a compiled tree; a group's members follow it, in prefix order. */
typedef struct {
    crm_node_type_t  type;
    unsigned         predicate;     /* of a leaf */
    unsigned         next;          /* index behind this node's last member */
} crm_node_t;

typedef struct {
    crm_node_t  *nodes;             /* NULL: every record matches */
    unsigned     count;
} crm_criteria_t;


/* Where a document is being compiled: passed through the rules folder. */
typedef struct {
    crm_pool_t        *pool;
    crm_findings_t    *findings;
    size_t             object;      /* index into the bundle */
    crm_schema_t      *schema;      /* of the rule's CRM module, or NULL */
    crm_predicates_t  *predicates;
    const char        *module;
} crm_compile_t;


void crm_predicates_init(crm_predicates_t *predicates, crm_pool_t *pool);

/*
 * Compiles json (null, a leaf or a group) at path. What is wrong goes into
 * cc->findings and yields CRM_EINVAL; CRM_ENOMEM.
 */
crm_status_t crm_criteria_compile(crm_criteria_t *criteria,
    const json_t *json, const char *path, crm_compile_t *cc);

/* Whether a leaf (an object with "field") stands for "changed to anything". */
int crm_criteria_is_any_value(const json_t *leaf);


/* What the values of one image were turned into, and what predicates said. */
typedef struct {
    const crm_image_t       *image;
    const crm_predicates_t  *predicates;
    crm_pool_t              *pool;
    crm_operand_t           *cache;         /* by slot */
    uint8_t                 *cached;
    uint8_t                 *memo;          /* by predicate: truth + 1 */
    crm_status_t             status;        /* CRM_ENOMEM sticks */
} crm_eval_t;

/* Prepares to evaluate criteria against image. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_eval_init(crm_eval_t *eval, const crm_image_t *image,
    const crm_predicates_t *predicates, crm_pool_t *pool);

/* What criteria say of the image; CRM_MAYBE also when memory ran out, and then
 * eval->status tells. */
crm_truth_t crm_eval_criteria(crm_eval_t *eval, const crm_criteria_t *criteria);
crm_truth_t crm_eval_predicate(crm_eval_t *eval, unsigned predicate);

/* The value of a slot, folded and with its decimal, made once an image. */
const crm_operand_t *crm_eval_operand(crm_eval_t *eval, unsigned slot);


/* ---- rows of the comparator table ---- */

struct crm_comparator_s {
    const char   *name;
    unsigned      min;              /* operands */
    unsigned      max;
    unsigned      types;            /* bits 1 << crm_field_type_t; 0: all */
    int           takes_empty;      /* ${EMPTY} is allowed */
    int           indexed;          /* true only if some operand is equal */
    crm_truth_t (*test)(const crm_operand_t *left, const crm_predicate_t *p,
                        int *oom, crm_pool_t *pool);
};

/* The row of that name, or NULL. */
const crm_comparator_t *crm_comparator_find(crm_str_t name);
const crm_comparator_t *crm_comparator_rows(size_t *count);

/*
 * A key under which an equal operand files: if two operands can be equal,
 * one of their keys is the same. A lookup has two, by id and by name; others
 * one. Returns how many were written to keys[2]; 0 for what never is equal
 * (lists), -1 without memory.
 */
int crm_operand_keys(const crm_operand_t *operand, crm_str_t keys[2],
    crm_pool_t *pool);

/* Fills operand from a value. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_operand_init(crm_operand_t *operand, const crm_value_t *value,
    crm_pool_t *pool);

/*
 * Whether left equals p's operand number right; CRM_MAYBE for what is unknown,
 * and with *oom set when memory ran out.
 */
crm_truth_t crm_operand_equal(const crm_operand_t *left,
    const crm_predicate_t *p, unsigned right, int *oom, crm_pool_t *pool);

/*
 * CRM_TRUE with *order <0, 0 or >0; CRM_FALSE for an empty field, which is in
 * no order; CRM_MAYBE when the two cannot be compared, so that a lock holds.
 */
crm_truth_t crm_operand_order(const crm_operand_t *left,
    const crm_predicate_t *p, unsigned right, int *order);

#endif
