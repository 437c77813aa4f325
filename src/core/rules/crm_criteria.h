/*
 * Criteria: a tree as people write it, and the program it is compiled to.
 *
 * Leaves become predicates: a slot, a comparator and folded constants. Equal
 * predicates of one CRM module are one predicate, evaluated at most once a
 * record however many rules ask it. Evaluation has three values: what depends
 * on a field that nobody could learn is unknown; that is no match for a
 * workflow rule and a match for a lock.
 */

#ifndef CRM_CRITERIA_H
#define CRM_CRITERIA_H

#include <jansson.h>

#include "record/crm_actor.h"
#include "record/crm_image.h"
#include "rules/crm_finding.h"
#include "rules/crm_key.h"
#include "rules/crm_names.h"
#include "rules/crm_predefined.h"


typedef enum {
    CRM_FALSE = 0,
    CRM_TRUE,
    CRM_MAYBE                   /* unknown */
} crm_truth_t;

typedef struct crm_comparator_s  crm_comparator_t;

/* Where an operand's value comes from. */
typedef enum {
    CRM_OPERAND_VALUE = 0,      /* it is here */
    CRM_OPERAND_FIELD,          /* another field of the record, by slot */
    CRM_OPERAND_TOKEN           /* ${TODAY+7}: known when evaluated */
} crm_operand_source_t;

typedef struct crm_operand_set_s  crm_operand_set_t;

/*
 * A field's value or a constant of the rules, ready to be compared. What is
 * made only when somebody asks (moment, set) is made for a field's value, once
 * a record; a constant's moment is made when it is compiled.
 */
typedef struct {
    crm_value_t         value;          /* of FIELD and TOKEN: as written */
    crm_str_t           folded;         /* of text and lookups */
    crm_decimal_t       decimal;
    uint8_t             numeric;        /* decimal is valid */
    uint8_t             is_empty;       /* ${EMPTY} */
    uint8_t             source;         /* crm_operand_source_t */
    uint8_t             dated;          /* 0: not tried, 1: moment is valid,
                                           2: it is no date */
    uint8_t             keyed;          /* 0: not tried, 1: key is valid,
                                           2: it has none, or several */
    unsigned            slot;           /* of FIELD */
    uint64_t            key;
    crm_moment_t        moment;
    union {
        crm_operand_set_t       *set;   /* of a field's value: its members */
        const crm_predefined_t  *token; /* of TOKEN */
    } u;
} crm_operand_t;

typedef struct {
    unsigned                 slot;
    crm_field_type_t         type;          /* that both sides are read as */
    int                      timed;         /* compared as dates and times */
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


typedef struct crm_trail_s  crm_trail_t;        /* crm_trail.h */

/* Where a document is being compiled: passed through the rules folder. */
typedef struct {
    crm_pool_t        *pool;
    crm_pool_t        *scratch;     /* of one document; NULL: pool */
    crm_findings_t    *findings;
    size_t             object;      /* index into the bundle */
    crm_schema_t      *schema;      /* of the rule's CRM module, or NULL */
    crm_predicates_t  *predicates;
    const char        *module;
    const crm_zone_t  *zone;        /* of the organisation; NULL: UTC */
    const crm_names_t *names;       /* who and what there is; or NULL */
    const crm_map_t   *identities;  /* "kind name" of every object, or NULL */
} crm_compile_t;


void crm_predicates_init(crm_predicates_t *predicates, crm_pool_t *pool);

/*
 * Compiles json (null, a leaf, a group, or rows with a pattern) at path. What
 * is wrong goes into cc->findings and yields CRM_EINVAL; CRM_ENOMEM.
 */
crm_status_t crm_criteria_compile(crm_criteria_t *criteria,
    const json_t *json, const char *path, crm_compile_t *cc);
crm_status_t crm_criteria_compile_at(crm_criteria_t *criteria,
    const json_t *json, const crm_trail_t *at, crm_compile_t *cc);

/* What criteria may be, besides null. */
extern const crm_form_t  crm_criteria_forms[];

/* Whether a leaf (an object with "field") stands for "changed to anything". */
int crm_criteria_is_any_value(const json_t *leaf);


/* What the values of one image were turned into, and what predicates said. */
typedef struct {
    const crm_image_t       *image;
    const crm_predicates_t  *predicates;
    const crm_scope_t       *scope;         /* or NULL: tokens are unknown */
    crm_pool_t              *pool;
    crm_operand_t           *cache;         /* by slot */
    uint8_t                 *cached;
    uint8_t                **memo;          /* of shared predicates: pages of
                                               truth + 1 */
    crm_operand_t           *token;         /* the last that was resolved */
    crm_status_t             status;        /* CRM_ENOMEM sticks */
} crm_eval_t;

/* Prepares to evaluate criteria against image; scope is borrowed. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_eval_init(crm_eval_t *eval, const crm_image_t *image,
    const crm_predicates_t *predicates, const crm_scope_t *scope,
    crm_pool_t *pool);

/* What criteria say of the image; CRM_MAYBE also when memory ran out, and then
 * eval->status tells. */
crm_truth_t crm_eval_criteria(crm_eval_t *eval, const crm_criteria_t *criteria);
crm_truth_t crm_eval_predicate(crm_eval_t *eval, unsigned predicate);

/* The same of a predicate of which nothing is known yet. */
crm_truth_t crm_eval_test(crm_eval_t *eval, unsigned predicate);

/* Results stand in pages of so many predicates. */
#define CRM_EVAL_PAGE  256

/* What is known of a shared predicate already, or -1. */
static inline int
crm_eval_known(const crm_eval_t *eval, unsigned predicate)
{
    const uint8_t  *page;

    page = eval->memo[predicate / CRM_EVAL_PAGE];

    return page ? page[predicate % CRM_EVAL_PAGE] - 1 : -1;
}

/* The value of a slot, folded and with its decimal, made once an image; NULL
 * without memory. */
crm_operand_t *crm_eval_operand(crm_eval_t *eval, unsigned slot);

/*
 * What an operand of a predicate stands for: itself, a field, or a token's
 * value, which holds until the next token is asked for. NULL without memory.
 */
crm_operand_t *crm_eval_right(crm_eval_t *eval, crm_operand_t *operand);

/*
 * An operand of a predicate as JSON, for people: the constant, the other
 * field's value, or what a token stands for. "null" for what is empty,
 * "\"unknown\"" for what is unknown, or when memory ran out.
 */
crm_str_t crm_eval_right_json(crm_eval_t *eval, crm_operand_t *operand);


/* ---- rows of the comparator table ---- */

struct crm_comparator_s {
    const char   *name;
    unsigned      min;              /* operands */
    unsigned      max;
    unsigned      types;            /* bits 1 << crm_field_type_t */
    unsigned      flags;            /* CRM_COMPARES_... */
    crm_truth_t (*test)(crm_eval_t *eval, crm_operand_t *left,
                        const crm_predicate_t *p);
};

#define CRM_COMPARES_EMPTY    0x01u     /* takes ${EMPTY} */
#define CRM_COMPARES_EQUAL    0x02u     /* true only if some operand is equal */
#define CRM_COMPARES_ORDER    0x04u     /* constants: numbers, text */
#define CRM_COMPARES_TEXT     0x08u     /* the same */
#define CRM_COMPARES_BARE     0x10u     /* one operand needs no list */
#define CRM_COMPARES_ABOVE    0x20u     /* the first operand or above it */
#define CRM_COMPARES_BELOW    0x40u     /* the last operand or below it */
#define CRM_COMPARES_PREFIX   0x80u     /* text that begins as the operand */
#define CRM_COMPARES_ANY      0x100u    /* a set with one of the operands */
#define CRM_COMPARES_ALL      0x200u    /* a set with all of them */

/*
 * The row of that name for a type: NULL if there is no such name; if the name
 * does not fit the type, its first row, whose types tell.
 */
const crm_comparator_t *crm_comparator_find(crm_str_t name,
    crm_field_type_t type);

/* All rows; "equal" and "not_equal" stand there twice, the second time for
 * fields that hold sets. */
const crm_comparator_t *crm_comparator_rows(size_t *count);

/* Their names, each once; ended by NULL. */
extern const char *const  crm_comparator_names[];


/* ---- operands; who evaluates sets eval->status without memory ---- */

/*
 * A key under which an equal operand files: if two operands can be equal,
 * one of their keys is the same. A lookup has two, by id and by name; others
 * one. Returns how many were written to keys[2]; 0 for what never is equal
 * (lists), -1 without memory.
 */
int crm_operand_keys(const crm_operand_t *operand, crm_str_t keys[2],
    crm_pool_t *pool);

/*
 * Makes operand->key, once, and says whether it has that one: two operands
 * that have one and can be equal (but as dates) have the same. A constant's is
 * made when it is compiled.
 */
int crm_operand_key(crm_operand_t *operand);

/* The same with the two keys of a lookup, as crm_operand_keys(). */
int crm_operand_wide_keys(crm_operand_t *operand, uint64_t keys[2],
    crm_pool_t *pool);

/*
 * The members of an operand as a set, made once: of a list, or the one value
 * that it is, or none. CRM_OK, CRM_ENOMEM, or CRM_ELIMIT for a list of more
 * than are looked into.
 */
crm_status_t crm_operand_members(crm_eval_t *eval, crm_operand_t *operand,
    crm_operand_t **items, size_t *count);

/* Fills operand from a value. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_operand_init(crm_operand_t *operand, const crm_value_t *value,
    crm_pool_t *pool);

/* Reads an operand's moment, once; whether it has one. */
int crm_operand_dated(crm_operand_t *operand, const crm_zone_t *zone);

/* Whether left equals p's operand number right; CRM_MAYBE for what is
 * unknown. */
crm_truth_t crm_operand_equal(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p, unsigned right);

/* Whether keys tell that the two are not equal: most are not. */
static inline int
crm_operand_differs(const crm_operand_t *left, const crm_predicate_t *p,
    unsigned right)
{
    const crm_operand_t  *other;

    other = &p->operands[right];

    return left->key != other->key && left->keyed == 1 && other->keyed == 1
           && !p->timed;
}

/* The same for two operands that are there, read as type. */
crm_truth_t crm_operand_alike(crm_eval_t *eval, crm_operand_t *left,
    crm_operand_t *right, crm_field_type_t type, int timed);

/*
 * CRM_TRUE with *order <0, 0 or >0; CRM_FALSE for an empty field, which is in
 * no order; CRM_MAYBE when the two cannot be compared, so that a lock holds.
 */
crm_truth_t crm_operand_order(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p, unsigned right, int *order);

/* How one text lies in another. */
typedef enum {
    CRM_TEXT_CONTAINS = 0,
    CRM_TEXT_STARTS,
    CRM_TEXT_ENDS,
    CRM_TEXT_LIKE               /* % stands for any run of characters */
} crm_operand_text_t;

/* Without regard to case; CRM_FALSE for an empty field, CRM_MAYBE for what has
 * no text (lists, objects without a name). */
crm_truth_t crm_operand_text(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p, crm_operand_text_t how);

/*
 * Of p's operands, a list's members one by one: how many there are, and how
 * many of them are members of left (anything else than a list is a set of
 * one, what is empty a set of none). CRM_MAYBE for what is unknown.
 */
crm_truth_t crm_operand_overlap(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p, size_t *all, size_t *found);

/* Whether left has the same members as p's operands, in any order. */
crm_truth_t crm_operand_same_set(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p);

/* The name beside a lookup's id, folded; empty when there is none. */
crm_status_t crm_operand_name(const crm_operand_t *operand, crm_str_t *folded,
    crm_pool_t *pool);

#endif
