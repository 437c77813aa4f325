/*
 * Criteria against an image: true, false or unknown, each predicate at most
 * once a record.
 */

#include "rules/crm_criteria.h"


static crm_truth_t eval_node(crm_eval_t *eval, const crm_criteria_t *criteria,
    unsigned index);


crm_status_t
crm_eval_init(crm_eval_t *eval, const crm_image_t *image,
    const crm_predicates_t *predicates, crm_pool_t *pool)
{
    memset(eval, 0, sizeof(crm_eval_t));

    eval->image = image;
    eval->predicates = predicates;
    eval->pool = pool;

    eval->cache = crm_pool_alloc(pool, (image->count + 1)
                                       * sizeof(crm_operand_t));
    eval->cached = crm_pool_calloc(pool, image->count + 1, 1);
    eval->memo = crm_pool_calloc(pool, predicates->count + 1, 1);

    if (eval->cache == NULL || eval->cached == NULL || eval->memo == NULL) {
        return CRM_ENOMEM;
    }

    return CRM_OK;
}


crm_truth_t
crm_eval_criteria(crm_eval_t *eval, const crm_criteria_t *criteria)
{
    if (criteria->nodes == NULL) {
        return CRM_TRUE;
    }

    return eval_node(eval, criteria, 0);
}


crm_truth_t
crm_eval_predicate(crm_eval_t *eval, unsigned predicate)
{
    int                     oom;
    crm_truth_t             t;
    const crm_operand_t    *left;
    const crm_predicate_t  *p;

    if (eval->memo[predicate]) {
        return eval->memo[predicate] - 1;
    }

    p = eval->predicates->items[predicate];

    left = crm_eval_operand(eval, p->slot);
    if (left == NULL) {
        return CRM_MAYBE;
    }

    oom = 0;
    t = p->comparator->test(left, p, &oom, eval->pool);

    if (oom) {
        eval->status = CRM_ENOMEM;
        return CRM_MAYBE;
    }

    eval->memo[predicate] = (uint8_t) (t + 1);

    return t;
}


const crm_operand_t *
crm_eval_operand(crm_eval_t *eval, unsigned slot)
{
    if (!eval->cached[slot]) {
        if (crm_operand_init(&eval->cache[slot], &eval->image->slots[slot],
                             eval->pool) != CRM_OK)
        {
            eval->status = CRM_ENOMEM;
            return NULL;
        }

        eval->cached[slot] = 1;
    }

    return &eval->cache[slot];
}


/* Depth is bounded by CRM_MAX_CRITERIA_DEPTH. */
static crm_truth_t
eval_node(crm_eval_t *eval, const crm_criteria_t *criteria, unsigned index)
{
    unsigned           i;
    crm_truth_t        t, all, decides;
    const crm_node_t  *node;

    node = &criteria->nodes[index];

    if (node->type == CRM_NODE_LEAF) {
        return crm_eval_predicate(eval, node->predicate);
    }

    decides = node->type == CRM_NODE_AND ? CRM_FALSE : CRM_TRUE;
    all = !decides;

    for (i = index + 1; i < node->next; i = criteria->nodes[i].next) {
        t = eval_node(eval, criteria, i);

        if (t == decides) {
            return t;
        }
        if (t == CRM_MAYBE) {
            all = t;
        }
    }

    return all;
}
