namespace MmKernels.Tests;

/// <summary>The look-alikes of published models, with their files' contents word for word but for the sizes and ids.</summary>
internal static class LookAlikes
{
    /// <summary>SmolLM2-135M-Instruct: tied head, bf16, one file, the template with a default system message in tokenizer_config.json.</summary>
    public static LookAlike SmolLm2()
    {
        var folder = new LookAlike(new PlainLlama(Vocabulary: 272, Hidden: 36, Intermediate: 64, Layers: 2, Heads: 9, KvHeads: 3, HeadDim: 4, Epsilon: 1e-5, Theta: 100000) { TiedHead = true },
            "BF16", "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>");
        folder.Write("config.json", """
            {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 257, "eos_token_id": 258, "hidden_act": "silu", "hidden_size": 36,
             "initializer_range": 0.041666666666666664, "intermediate_size": 64, "is_llama_config": true, "max_position_embeddings": 8192, "mlp_bias": false, "model_type": "llama",
             "num_attention_heads": 9, "num_hidden_layers": 2, "num_key_value_heads": 3, "pad_token_id": 258, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_interleaved": false,
             "rope_scaling": null, "rope_theta": 100000, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
             "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16", "fp16": "float16"}}, "transformers_version": "4.42.3", "use_cache": true, "vocab_size": 272}
            """);
        folder.Write("generation_config.json", """{"_from_model_config": true, "bos_token_id": 257, "eos_token_id": 258, "pad_token_id": 258, "transformers_version": "4.42.3"}""");
        folder.Write("tokenizer_config.json", """
            {"add_prefix_space": false, "added_tokens_decoder": {"256": {"content": "<|endoftext|>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": false, "special": true}},
             "additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "bos_token": "<|im_start|>",
             "chat_template": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
             "clean_up_tokenization_spaces": false, "eos_token": "<|im_end|>", "model_max_length": 8192, "pad_token": "<|im_end|>", "tokenizer_class": "GPT2Tokenizer", "unk_token": "<|endoftext|>", "vocab_size": 272}
            """);
        folder.Write("special_tokens_map.json", """{"additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "bos_token": {"content": "<|im_start|>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": false}, "eos_token": {"content": "<|im_end|>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": false}}""");
        folder.WriteTokenizer();
        folder.WriteWeights();
        return folder;
    }

    /// <summary>
    /// Llama-3.2-1B-Instruct: llama3 scaling, head_dim, several end tokens, a template in a file of its own that writes the begin token itself and asks for the date,
    /// a post-processor that would write it again, shards, sampling parameters, tensors that nobody reads and a head beside the tied one.
    /// </summary>
    public static LookAlike Llama32()
    {
        const double Factor = 32, Low = 1, High = 4, Original = 64;
        var folder = new LookAlike(new PlainLlama(Vocabulary: 262, Hidden: 32, Intermediate: 48, Layers: 2, Heads: 4, KvHeads: 1, HeadDim: 16, Epsilon: 1e-5, Theta: 500000)
        {
            TiedHead = true,
            Scale = frequency =>
            {
                double wavelength = 2 * Math.PI / frequency, smooth = (Original / wavelength - Low) / (High - Low);
                return wavelength > Original / Low ? frequency / Factor : wavelength < Original / High ? frequency : (1 - smooth) * frequency / Factor + smooth * frequency;
            },
        }, "BF16", "<|begin_of_text|>", "<|end_of_text|>", "<|eom_id|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>");
        folder.Write("config.json", """
            {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 256, "eos_token_id": [257, 258, 259], "head_dim": 16, "hidden_act": "silu",
             "hidden_size": 32, "initializer_range": 0.02, "intermediate_size": 48, "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama", "num_attention_heads": 4,
             "num_hidden_layers": 2, "num_key_value_heads": 1, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
             "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 64, "rope_type": "llama3"},
             "rope_theta": 500000.0, "tie_word_embeddings": true, "torch_dtype": "bfloat16", "transformers_version": "4.45.0.dev0", "use_cache": true, "vocab_size": 262}
            """);
        folder.Write("generation_config.json", """{"bos_token_id": 256, "do_sample": true, "eos_token_id": [257, 258, 259], "temperature": 0.6, "top_p": 0.9, "transformers_version": "4.45.0.dev0"}""");
        folder.Write("tokenizer_config.json", """{"bos_token": "<|begin_of_text|>", "clean_up_tokenization_spaces": true, "eos_token": "<|eot_id|>", "model_input_names": ["input_ids", "attention_mask"], "model_max_length": 131072, "tokenizer_class": "PreTrainedTokenizerFast"}""");
        folder.Write("chat_template.jinja", """
            {{- bos_token }}
            {%- if not date_string is defined %}
                {%- if strftime_now is defined %}
                    {%- set date_string = strftime_now("%d %b %Y") %}
                {%- else %}
                    {%- set date_string = "26 Jul 2024" %}
                {%- endif %}
            {%- endif %}
            {%- if messages[0]['role'] == 'system' %}
                {%- set system_message = messages[0]['content']|trim %}
                {%- set messages = messages[1:] %}
            {%- else %}
                {%- set system_message = "" %}
            {%- endif %}
            {{- "<|start_header_id|>system<|end_header_id|>\n\n" }}
            {{- "Cutting Knowledge Date: December 2023\n" }}
            {{- "Today Date: " + date_string + "\n\n" }}
            {{- system_message }}
            {{- "<|eot_id|>" }}
            {%- for message in messages %}
                {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
            {%- endif %}
            """);
        folder.WriteTokenizer(first: "<|begin_of_text|>");
        folder.WriteWeights(3, "lm_head.weight", "model.layers.0.self_attn.rotary_emb.inv_freq");
        return folder;
    }

    /// <summary>Qwen2.5-0.5B-Instruct: biases, a window that is switched off, a repetition penalty that counts for greedy decoding too.</summary>
    public static LookAlike Qwen25()
    {
        var folder = new LookAlike(new PlainLlama(Vocabulary: 270, Hidden: 28, Intermediate: 40, Layers: 3, Heads: 2, KvHeads: 1, HeadDim: 14, Epsilon: 1e-6, Theta: 1000000) { TiedHead = true, QkvBias = true },
            "F16", "<|endoftext|>", "<|im_start|>", "<|im_end|>");
        folder.Write("config.json", """
            {"architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 256, "eos_token_id": 258, "hidden_act": "silu", "hidden_size": 28, "initializer_range": 0.02,
             "intermediate_size": 40, "max_position_embeddings": 32768, "max_window_layers": 1, "model_type": "qwen2", "num_attention_heads": 2, "num_hidden_layers": 3, "num_key_value_heads": 1,
             "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 4, "tie_word_embeddings": true, "torch_dtype": "float16", "transformers_version": "4.43.1", "use_cache": true,
             "use_sliding_window": false, "vocab_size": 270}
            """);
        folder.Write("generation_config.json", """{"bos_token_id": 256, "pad_token_id": 256, "do_sample": true, "eos_token_id": [258, 256], "repetition_penalty": 1.1, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "transformers_version": "4.37.0"}""");
        folder.Write("tokenizer_config.json", """
            {"add_bos_token": false, "add_prefix_space": false, "additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "bos_token": null,
             "chat_template": "{%- if tools %}\n    {{- '<|im_start|>system\\n' }}{{- 'tools' }}\n{%- else %}\n    {%- if messages[0]['role'] == 'system' %}\n        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\n    {%- else %}\n        {{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}\n    {%- endif %}\n{%- endif %}\n{%- for message in messages %}\n    {%- if (message.role == \"user\") or (message.role == \"system\" and not loop.first) or (message.role == \"assistant\" and not message.tool_calls) %}\n        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n",
             "clean_up_tokenization_spaces": false, "eos_token": "<|im_end|>", "errors": "replace", "model_max_length": 131072, "pad_token": "<|endoftext|>", "split_special_tokens": false,
             "tokenizer_class": "Qwen2Tokenizer", "unk_token": null}
            """);
        folder.WriteTokenizer();
        folder.WriteWeights();
        return folder;
    }

    /// <summary>TinyLlama-1.1B-Chat: a head of its own, no generation config, named templates; the end of a text is in config.json alone.</summary>
    public static LookAlike TinyLlama()
    {
        var folder = new LookAlike(new PlainLlama(Vocabulary: 260, Hidden: 24, Intermediate: 40, Layers: 2, Heads: 6, KvHeads: 2, HeadDim: 4, Epsilon: 1e-5, Theta: 10000) { TiedHead = false },
            "F32", "<unk>", "<s>", "</s>");
        folder.Write("config.json", """
            {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 257, "eos_token_id": 258, "hidden_act": "silu", "hidden_size": 24, "initializer_range": 0.02,
             "intermediate_size": 40, "max_position_embeddings": 2048, "model_type": "llama", "num_attention_heads": 6, "num_hidden_layers": 2, "num_key_value_heads": 2, "pretraining_tp": 1,
             "rms_norm_eps": 1e-05, "rope_scaling": null, "rope_theta": 10000.0, "tie_word_embeddings": false, "torch_dtype": "float32", "transformers_version": "4.35.0", "use_cache": true, "vocab_size": 260}
            """);
        folder.Write("tokenizer_config.json", """
            {"add_bos_token": true, "add_eos_token": false, "bos_token": {"__type": "AddedToken", "content": "<s>", "lstrip": false, "normalized": false, "rstrip": false, "single_word": false},
             "chat_template": [{"name": "tool_use", "template": "{{ raise_exception('tools') }}"},
              {"name": "default", "template": "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"}],
             "clean_up_tokenization_spaces": false, "eos_token": "</s>", "legacy": false, "model_max_length": 2048, "pad_token": "</s>", "padding_side": "right", "sp_model_kwargs": {},
             "tokenizer_class": "LlamaTokenizer", "unk_token": "<unk>", "use_default_system_prompt": false}
            """);
        folder.WriteTokenizer(first: "<s>");
        folder.WriteWeights();
        return folder;
    }
}
