-- A copy must not need the key of the original, nor be able to open what it sealed:
-- the encrypted values go, and the copy makes keys of its own when it starts.
UPDATE res_partner
   SET veloc_cpf_sealed = NULL, veloc_cpf_blind = NULL,
       veloc_identity_number_sealed = NULL, veloc_identity_number_blind = NULL,
       veloc_mother_name_sealed = NULL
 WHERE veloc_cpf_sealed IS NOT NULL
    OR veloc_identity_number_sealed IS NOT NULL
    OR veloc_mother_name_sealed IS NOT NULL;
DELETE FROM veloc_bank_account;
DELETE FROM ir_attachment WHERE res_model = 'veloc.identity.proof';
DELETE FROM veloc_identity_proof;
UPDATE veloc_subject_key
   SET sealed = NULL,
       destroyed_at = now() AT TIME ZONE 'UTC',
       destroyed_reason = 'neutralized copy'
 WHERE sealed IS NOT NULL;
UPDATE veloc_key_change SET state = 'stopped' WHERE state IN ('waiting', 'running');
DELETE FROM veloc_data_key;
