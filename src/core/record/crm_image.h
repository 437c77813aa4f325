/*
 * An image of a record, by slot: the stored record, what the client sent, or
 * the one laid over the other (before-image and after-image).
 */

#ifndef CRM_IMAGE_H
#define CRM_IMAGE_H

#include "base/crm_buf.h"
#include "record/crm_record.h"
#include "record/crm_schema.h"


typedef struct {
    crm_value_t  *slots;        /* schema->count values */
    unsigned      count;
    uint8_t      *given;        /* 1: the topmost record named this field */
} crm_image_t;


/*
 * Fills image with over laid on under; either may be NULL. A slot that neither
 * holds becomes absent: CRM_VALUE_EMPTY or CRM_VALUE_UNKNOWN. Only fields that
 * have a slot are looked at. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_image_build(crm_image_t *image, const crm_schema_t *schema,
    const crm_record_t *under, const crm_record_t *over,
    crm_value_type_t absent, crm_pool_t *pool);

/* The same with an image of under, of the same schema, that there is already:
 * it stays as it is. Where over says of each slot what stands there, image has
 * the slots of under, not others. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_image_over(crm_image_t *image, const crm_image_t *under,
    const crm_schema_t *schema, const crm_record_t *over, crm_pool_t *pool);

/*
 * Fills merged with under's fields, over's values laid over them, and then
 * over's other fields. Either may be NULL. Borrows from both; merged has no
 * object span of its own. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_image_merge(crm_record_t *merged, const crm_record_t *under,
    const crm_record_t *over, crm_pool_t *pool);

/*
 * The merged record as one JSON object, each value as its bytes stand; {} when
 * both are NULL. Fails as buf does.
 */
void crm_image_encode(crm_buf_t *buf, const crm_record_t *under,
    const crm_record_t *over);

#endif
